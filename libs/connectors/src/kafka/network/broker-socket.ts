import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { isLightflusError, LightflusError } from '@lightflus/api'
import { at, connectError, connectTimeoutMs, timeoutError, type Peer } from '../../connection-errors.ts'
import { answerBytesMax, type KafkaRequest } from '../protocol/request.ts'
import { WireError, WireReader, WireWriter } from '../protocol/wire.ts'
import { AnswerReceiver, type AnswersAwaited } from './answer-receiver.ts'
import type { Address, ClusterOptions } from './cluster-options.ts'

const clientId = 'lightflus'
/** How long an answer may take beyond what the request itself waits for, milliseconds. */
const answerTimeoutMs = 15_000

/** How a request is sent, and where its answer goes. */
export interface Sending {
  /** How long the broker may take on purpose, milliseconds. Default: 0. */
  readonly waitMs?: number
  /**
   * Where an answer of so many bytes is put, which then must not be used for anything else until `send` has settled.
   * Default: to fresh memory.
   */
  readonly placeFor?: (length: number) => Buffer
}

interface ReceivedAnswer {
  readonly bytes: Buffer
  readonly length: number
}

interface Pending {
  readonly resolve: (answer: ReceivedAnswer) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
  readonly bytesMax: number
  readonly placeFor: (length: number) => Buffer
}

/**
 * One TCP or TLS connection to a broker: requests out, any number of them at a time, and answers back by number. Once it
 * fails it stays failed.
 */
export class BrokerSocket {
  readonly peer: Peer
  readonly #socket: Socket
  readonly #opened = Promise.withResolvers<void>()
  readonly #receiver: AnswerReceiver
  readonly #pending = new Map<number, Pending>()
  #nextNumber = 0
  #failure: Error | undefined

  private constructor(peer: Peer, { tls }: ClusterOptions, { host, port }: Address) {
    this.peer = peer
    const receiver = new AnswerReceiver(this.#awaited())
    this.#receiver = receiver
    if (tls) {
      this.#socket = connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...tls })
      this.#socket.on('data', (chunk: Buffer) => receiver.take(chunk))
    } else {
      const callback = (count: number, room: Uint8Array) => {
        receiver.received(count, room)
        return true
      }
      this.#socket = connectPlain({ host, port, onread: { buffer: () => receiver.room(), callback } })
    }
    this.#socket.once(tls ? 'secureConnect' : 'connect', () => this.#opened.resolve())
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(closed()))
  }

  /** @throws LF_CONNECTION_DNS, _REFUSED, _TIMEOUT, _TLS, _FAILED */
  static async connect(options: ClusterOptions, address: Address): Promise<BrokerSocket> {
    const { connection } = options
    const peer: Peer = { connection, system: 'Kafka', address: `${address.host}:${address.port}` }
    const broker = new BrokerSocket(peer, options, address)
    const timer = setTimeout(() => broker.#fail(timeoutError(peer, connectTimeoutMs)), connectTimeoutMs)
    try {
      await broker.#opened.promise
    } catch (thrown) {
      throw isLightflusError(thrown) ? thrown : (connectError(thrown, peer) ?? thrown)
    } finally {
      clearTimeout(timer)
    }
    broker.#socket.setNoDelay(true)
    broker.#socket.setKeepAlive(true, 30_000)
    return broker
  }

  get isOpen(): boolean {
    return this.#failure === undefined
  }

  /** @throws what the connection failed with, or LF_KAFKA_PROTOCOL for an answer that makes no sense */
  async send<Request, Response>(
    api: KafkaRequest<Request, Response>,
    request: Request,
    { waitMs = 0, placeFor = freshPlace }: Sending = {},
  ): Promise<Response> {
    if (this.#failure) throw this.#failure
    const number = this.#nextNumber
    this.#nextNumber = (number + 1) & 0x7fff_ffff
    const writer = new WireWriter(256)
    // The length, once it is known.
    writer.int32(0)
    writer.int16(api.key).int16(api.version).int32(number).string(clientId)
    if (api.isFlexible) writer.noTags()
    api.encode(writer, request)
    const { length, parts } = writer
    Buffer.from(parts[0]!.buffer, parts[0]!.byteOffset, 4).writeInt32BE(length - 4)
    const answer = new Promise<ReceivedAnswer>((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(timeoutError(this.peer, waitMs + answerTimeoutMs)),
        waitMs + answerTimeoutMs,
      )
      this.#pending.set(number, { resolve, reject, timer, bytesMax: api.answerBytesMax ?? answerBytesMax, placeFor })
    })
    this.#socket.cork()
    for (const part of parts) this.#socket.write(part)
    this.#socket.uncork()
    const received = await answer
    const reader = new WireReader(received.bytes, 0, received.length)
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

  #awaited(): AnswersAwaited {
    const pending = this.#pending
    return {
      get bytesMax() {
        let max = 0
        for (const { bytesMax } of pending.values()) max = Math.max(max, bytesMax)
        return max
      },
      placeOf: (number, length) => pending.get(number)?.placeFor(length),
      answered: (number, bytes, length) => {
        const { resolve, timer } = pending.get(number)!
        pending.delete(number)
        clearTimeout(timer)
        resolve({ bytes, length })
      },
      refuse: (head, trouble) => this.#fail(this.#nonsense(head, trouble)),
    }
  }

  /** The first bytes of a TLS alert are a fair sign of who it is that does not understand us. */
  #nonsense(head: Buffer, trouble: 'length' | 'number'): LightflusError {
    const { connection } = this.peer
    if (trouble === 'number') return this.#protocolError(`answers request ${head.readInt32BE(4)}, which was not asked`)
    return head[0] === 0x15 && head[1] === 0x03
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
    // Before anybody hears of it: places of answers may be used for something else then.
    this.#receiver.stop()
    this.#opened.reject(error)
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer)
      reject(error)
    }
    this.#pending.clear()
  }

  close(): void {
    this.#fail(closed())
  }
}

const closed = (): Error => Object.assign(new Error('connection closed'), { code: 'ECONNRESET' })

const freshPlace = (length: number): Buffer => Buffer.allocUnsafe(length)
