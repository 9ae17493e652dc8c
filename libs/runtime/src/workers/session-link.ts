import { randomBytes } from 'node:crypto'
import { LightflusError } from '@lightflus/api'

/**
 * A record on a topic between workers: the session (16 bytes), which worker sent it (uint16) and which of its processes
 * (uint32), whether the message goes on in the next record (uint16), its number among what that process sent to the
 * receiver in the session (float64), then the message. A session is one attempt; its id is drawn at random.
 */
const sessionBytes = 16
const senderAt = 16
const continuesAt = 18
const processAt = 20
const numberAt = 24
export const headBytes = 32

/** Of a message that a record holds at most: brokers take a megabyte by default. */
export const messagePartBytes = 256 * 1024

export interface WorkerProcess {
  readonly worker: number
  /** Drawn at random when the process began. */
  readonly process: number
}

/** A number for a process, by which others tell it from one that was the same worker before. */
export function drawProcess(): number {
  return randomBytes(4).readUInt32LE()
}

/** Where records go: a partition for each worker. */
export interface RecordLog {
  /** Copies the bytes. */
  append(partition: number, record: Uint8Array): void
}

export interface SessionLinkOptions {
  readonly session: Uint8Array
  readonly own: WorkerProcess
  readonly log: RecordLog
  /**
   * The process that takes part as this worker; undefined: none does, and what it says is passed over.
   * @param speaking the process of which there is a record
   */
  readonly memberOf: (worker: number, speaking: number) => number | undefined
  /** The bytes are the callback's only while it runs. */
  readonly onMessage: (sender: number, message: Buffer) => void
}

interface Sender {
  next: number
  parts: Buffer[]
}

/**
 * One worker's end of the ways between the workers of an attempt over one topic. Clauses:
 *
 * 1. Messages of one worker to another arrive in the order in which they were sent, each once.
 * 2. What other attempts sent, or processes that do not take part in this one, is passed over.
 * 3. A record that came before is dropped; one that comes too early ends the attempt (LF_EXCHANGE_PROTOCOL): what lies
 *    between is lost.
 */
export class SessionLink {
  readonly #options: SessionLinkOptions
  readonly #sent = new Map<number, number>()
  readonly #senders = new Map<number, Sender>()
  #record = Buffer.alloc(headBytes + 4_096)

  constructor(options: SessionLinkOptions) {
    this.#options = options
  }

  /** Copies the bytes. */
  send(receiver: number, head: Uint8Array, body: Uint8Array): void {
    const length = head.length + body.length
    if (length <= messagePartBytes) return this.#append(receiver, false, [head, body])
    const message = Buffer.concat([head, body])
    for (let start = 0; start < length; start += messagePartBytes) {
      const end = Math.min(length, start + messagePartBytes)
      this.#append(receiver, end < length, [message.subarray(start, end)])
    }
  }

  #append(receiver: number, continues: boolean, parts: readonly Uint8Array[]): void {
    const { session, own, log } = this.#options
    const number = (this.#sent.get(receiver) ?? 0) + 1
    this.#sent.set(receiver, number)
    const length = parts.reduce((sum, part) => sum + part.length, headBytes)
    if (length > this.#record.length) this.#record = Buffer.alloc(2 * length)
    const record = this.#record
    record.set(session, 0)
    record.writeUInt16LE(own.worker, senderAt)
    record.writeUInt16LE(continues ? 1 : 0, continuesAt)
    record.writeUInt32LE(own.process, processAt)
    record.writeDoubleLE(number, numberAt)
    let at = headBytes
    for (const part of parts) {
      record.set(part, at)
      at += part.length
    }
    log.append(receiver, record.subarray(0, length))
  }

  /** @throws LF_EXCHANGE_PROTOCOL, and what `onMessage` throws */
  receive(record: Buffer): void {
    const { session, memberOf, onMessage } = this.#options
    if (record.length < headBytes || record.compare(session, 0, sessionBytes, 0, sessionBytes) !== 0) return
    const worker = record.readUInt16LE(senderAt)
    const speaking = record.readUInt32LE(processAt)
    if (memberOf(worker, speaking) !== speaking) return
    const sender = this.#senderOf(worker)
    const number = record.readDoubleLE(numberAt)
    if (number < sender.next) return
    if (number > sender.next) throw this.#gap(worker, sender.next, number)
    sender.next++
    const part = record.subarray(headBytes)
    if (record.readUInt16LE(continuesAt) === 1) {
      sender.parts.push(Buffer.from(part))
      return
    }
    const { parts } = sender
    sender.parts = []
    onMessage(worker, parts.length === 0 ? part : Buffer.concat([...parts, part]))
  }

  #senderOf(worker: number): Sender {
    const known = this.#senders.get(worker) ?? { next: 1, parts: [] }
    this.#senders.set(worker, known)
    return known
  }

  #gap(worker: number, expected: number, found: number): LightflusError {
    return new LightflusError(
      'LF_EXCHANGE_PROTOCOL',
      `Record ${found} of worker ${worker} came to worker ${this.#options.own.worker} where record ${expected} was to come.`,
      { details: { worker, expected, found } },
    )
  }
}
