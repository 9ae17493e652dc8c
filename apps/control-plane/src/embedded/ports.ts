import { createServer } from 'node:net'
import { LightflusError } from '@lightflus/api'

const host = '127.0.0.1'

/** @throws LF_UP_PORT_IN_USE when another program listens there, or the port is one that only root may take. */
export async function assertPortFree(port: number): Promise<void> {
  const error = await listen(port).then(
    () => null,
    (thrown: NodeJS.ErrnoException) => thrown,
  )
  if (!error) return
  const why = error.code === 'EACCES' ? 'may not be used by an ordinary user' : 'is in use'
  throw new LightflusError('LF_UP_PORT_IN_USE', `Port ${port} of ${host} ${why}.`, { cause: error })
}

/** A port that nothing listens on now. */
export function freePort(): Promise<number> {
  return listen(0)
}

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}
