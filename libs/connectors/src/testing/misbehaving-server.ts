import { createServer, type AddressInfo, type Socket } from 'node:net'

/** A server on a free port that does whatever it likes with what it is sent, while `use` runs. */
export async function withServer(
  behave: (socket: Socket, request: Buffer) => void,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => behave(socket, request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use((server.address() as AddressInfo).port)
  } finally {
    for (const open of sockets) open.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}
