import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below the range from which Linux and macOS take the ports of outgoing connections, so that none of these takes the
// port between the moment it is found free and the moment a server listens on it.
const firstPort = 15_000
const lastPort = 32_000
const triesMax = 200
const given = new Set<number>()

/**
 * A port of 127.0.0.1 on which nothing listens at this moment; chosen at random, so that tests side by side differ.
 * No port is given twice: a server may take several before it listens on the first.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries++) {
    const port = randomInt(firstPort, lastPort)
    if (given.has(port)) continue
    given.add(port)
    if (await canListen(port)) return port
  }
  throw new Error(`Found no free port on 127.0.0.1 between ${firstPort} and ${lastPort} in ${triesMax} tries`)
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
