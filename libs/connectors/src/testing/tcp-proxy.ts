import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

export interface TcpProxyOptions {
  readonly to: { readonly host: string; readonly port: number }
  /** Port to listen on. Default: any that is free. */
  readonly port?: number
  /** Ends TLS here, so that a server without it can be reached by it. */
  readonly tls?: TlsOptions
}

/** Stands between a client and a server, and can fail as networks do. */
export class TcpProxy {
  readonly #options: TcpProxyOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isCut = false
  #isStalled = false
  /** Bytes that came from the server. */
  bytesFromServer = 0
  connections = 0

  private constructor(options: TcpProxyOptions) {
    this.#options = options
    const accept = (client: Socket) => this.#accept(client)
    this.#server = options.tls ? createTlsServer(options.tls, accept) : createServer(accept)
    // A client that does not like the certificate is no concern of the proxy.
    this.#server.on('tlsClientError', () => undefined)
  }

  static async listen(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject)
      proxy.#server.listen(options.port ?? 0, '127.0.0.1', resolve)
    })
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  #accept(client: Socket): void {
    if (this.#isCut) return void client.destroy()
    this.connections++
    const server = connect(this.#options.to)
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    server.on('data', (chunk: Buffer) => (this.bytesFromServer += chunk.length))
    client.pipe(server)
    server.pipe(client)
    if (this.#isStalled) this.#stall(client, server)
  }

  #stall(...sockets: Socket[]): void {
    for (const socket of sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  /** Closes every connection, and each new one at once. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  heal(): void {
    this.#isCut = false
  }

  /** Keeps connections open, but nothing gets through any more: a server that hangs. For good. */
  stall(): void {
    this.#isStalled = true
    this.#stall(...this.#sockets)
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
