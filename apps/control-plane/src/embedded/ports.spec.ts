import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from '@jest/globals'
import { assertPortFree, freePort } from './ports.ts'

it('tells a free port from one in use', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await expect(assertPortFree(port)).rejects.toMatchObject({
    code: 'LF_UP_PORT_IN_USE',
    message: `Port ${port} of 127.0.0.1 is in use.`,
  })
  server.close()
  await once(server, 'close')
  await expect(assertPortFree(port)).resolves.toBeUndefined()
  await expect(assertPortFree(await freePort())).resolves.toBeUndefined()
})
