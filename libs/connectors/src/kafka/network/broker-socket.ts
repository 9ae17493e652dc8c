import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { isLightflusError, LightflusError } from '@lightflus/api'
import { at, connectError, connectTimeoutMs, timeoutError, type Peer } from '../../connection-errors.ts'
import { answerBytesMax, type KafkaRequest } from '../protocol/request.ts'
import { WireError, WireReader, WireWriter } from '../protocol/wire.ts'
import type { Address, ClusterOptions } from './cluster-options.ts'

const clientId = 'lightflus'
/** How long an answer may take beyond what the request itself waits for, milliseconds. */
const answerTimeoutMs = 15_000

interface Pending {
  readonly resolve: (answer: Buffer) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
  readonly bytesMax: number
}

/** One TCP or TLS connection to a broker: requests out, answers back by number. Once it fails it stays failed. */
export class BrokerSocket {
  readonly peer: Peer
  readonly #socket: Socket
  readonly #pending = new Map<number, Pending>()
  #nextNumber = 0
  #chunks: Buffer[] = []
  #bytes = 0
  #failure: Error | undefined

  private constructor(peer: Peer, socket: Socket) {
    this.peer = peer
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(Object.assign(new Error('connection closed'), { code: 'ECONNRESET' })))
  }

  /** @throws LF_CONNECTION_DNS, _REFUSED, _TIMEOUT, _TLS, _FAILED */
  static async connect({ connection, tls }: ClusterOptions, { host, port }: Address): Promise<BrokerSocket> {
    const peer: Peer = { connection, system: 'Kafka', address: `${host}:${port}` }
    const socket = tls
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...tls })
      : connectPlain({ host, port })
    const timer = setTimeout(() => socket.destroy(timeoutError(peer, connectTimeoutMs)), connectTimeoutMs)
    try {
      await new Promise((resolve, reject) => {
        socket.once(tls ? 'secureConnect' : 'connect', resolve)
        socket.once('error', reject)
      })
    } catch (thrown) {
      throw isLightflusError(thrown) ? thrown : (connectError(thrown, peer) ?? thrown)
    } finally {
      clearTimeout(timer)
    }
    socket.removeAllListeners('error')
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 30_000)
    return new BrokerSocket(peer, socket)
  }

  get isOpen(): boolean {
    return this.#failure === undefined
  }

  /**
   * @param waitMs how long the broker may take on purpose
   * @throws what the connection failed with, or WireError for an answer that makes no sense
   */
  async send<Request, Response>(api: KafkaRequest<Request, Response>, request: Request, waitMs = 0): Promise<Response> {
    if (this.#failure) throw this.#failure
    const number = this.#nextNumber
    this.#nextNumber = (number + 1) & 0x7fff_ffff
    const writer = new WireWriter(256)
    writer.int16(api.key).int16(api.version).int32(number).string(clientId)
    if (api.isFlexible) writer.noTags()
    api.encode(writer, request)
    const length = new WireWriter(4).int32(writer.length)
    const answer = new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(timeoutError(this.peer, waitMs + answerTimeoutMs)),
        waitMs + answerTimeoutMs,
      )
      this.#pending.set(number, { resolve, reject, timer, bytesMax: api.answerBytesMax ?? answerBytesMax })
    })
    this.#socket.cork()
    this.#socket.write(length.bytes)
    this.#socket.write(writer.bytes)
    this.#socket.uncork()
    const reader = new WireReader(await answer, 4)
    try {
      if (api.isFlexible) reader.tags()
      return api.decode(reader)
    } catch (thrown) {
      if (!(thrown instanceof WireError)) throw thrown
      throw new LightflusError('LF_KAFKA_PROTOCOL', `${at(this.peer)}: answer to ${api.name}: ${thrown.message}`, {
        cause: thrown,
      })
    }
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes >= 4) {
      if (this.#chunks[0]!.length < 4) this.#chunks = [Buffer.concat(this.#chunks)]
      const length = this.#chunks[0]!.readInt32BE(0)
      if (length < 4 || length > this.#bytesMax) return this.#fail(this.#nonsense(this.#chunks[0]!))
      if (this.#bytes < 4 + length) return
      const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
      const rest = bytes.subarray(4 + length)
      this.#chunks = rest.length === 0 ? [] : [rest]
      this.#bytes = rest.length
      this.#answer(bytes.subarray(4, 4 + length))
    }
  }

  /** How long the next answer may be: nothing where none is awaited. */
  get #bytesMax(): number {
    let max = 0
    for (const { bytesMax } of this.#pending.values()) max = Math.max(max, bytesMax)
    return max
  }

  #answer(answer: Buffer): void {
    const number = answer.readInt32BE(0)
    const pending = this.#pending.get(number)
    if (!pending) return this.#fail(this.#protocolError(`answers request ${number}, which was not asked`))
    this.#pending.delete(number)
    clearTimeout(pending.timer)
    pending.resolve(answer)
  }

  /** The first bytes of a TLS alert are a fair sign of who it is that does not understand us. */
  #nonsense(bytes: Buffer): LightflusError {
    const { connection } = this.peer
    return bytes[0] === 0x15 && bytes[1] === 0x03
      ? new LightflusError('LF_CONNECTION_TLS', `${at(this.peer)} expects TLS, but the connection has none`, {
          nextStep: "Set 'tls: true' in the connection.",
          details: { connection },
        })
      : this.#protocolError('does not speak Kafka’s protocol')
  }

  #protocolError(what: string): LightflusError {
    const { connection } = this.peer
    return new LightflusError('LF_KAFKA_PROTOCOL', `${at(this.peer)} ${what}`, { details: { connection } })
  }

  #fail(error: Error): void {
    if (this.#failure) return
    this.#failure = error
    this.#socket.destroy()
    this.#chunks = []
    this.#bytes = 0
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer)
      reject(error)
    }
    this.#pending.clear()
  }

  close(): void {
    this.#fail(Object.assign(new Error('connection closed'), { code: 'ECONNRESET' }))
  }
}
