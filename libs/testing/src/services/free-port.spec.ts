import { createServer } from 'node:net'
import { freePort } from './free-port.ts'

describe('freePort', () => {
  it('gives ports on which a server can listen', async () => {
    const port = await freePort()
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    await new Promise((resolve) => server.close(resolve))
  })
  it('gives no port twice, though nothing listens on it yet', async () => {
    const ports = await Promise.all(Array.from({ length: 500 }, () => freePort()))
    expect(new Set(ports).size).toBe(ports.length)
  })
})
