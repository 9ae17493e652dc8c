import type { Patience } from '../../patience.ts'
import { BatchEncoder, noStamp, type BatchMemory } from '../records/batch-encoder.ts'
import type { WrittenCompression } from '../records/compression.ts'

/** Who produces, by the numbers that the cluster gave; it guards each partition against duplicates and gaps. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly epoch: number
  readonly isTransactional: boolean
}

/** How many batches of a producer a leader remembers for a partition: with more under way it could not tell repeats. */
const sentMax = 5
const sequenceBits = 0x7fff_ffff

export interface OutgoingBatch {
  readonly encoder: BatchEncoder
  /** As it was added up in memory, before compression. */
  readonly bytes: number
  state: 'waiting' | 'sent' | 'acknowledged'
  /** -1: none has been given. */
  sequence: number
  /** When it was last sent, all before it had been acknowledged: nothing but the broker's own loss can be missing. */
  wasFirst: boolean
}

export interface PartitionQueueOptions {
  readonly number: number
  readonly memory: BatchMemory
  readonly compression: WrittenCompression
  readonly patience: Patience
  /** Undefined: the cluster knows of no producer, so that a batch whose answer got lost is written twice. */
  readonly identity: ProducerIdentity | undefined
}

/**
 * The batches of one partition on their way: one that is open takes records, those behind it wait or are under way, in
 * their order.
 *
 * Order and uniqueness hold by three rules. (1) A batch gets its sequence number once, and keeps it however often it is
 * sent. (2) After a failure nothing is sent until all answers are there, and then again from the first batch that was not
 * acknowledged. (3) That one, and the first batch of an identity, goes alone: a leader that knows nothing of a producer
 * takes any number as its first, and would take a later batch before an earlier one.
 */
export class PartitionQueue {
  readonly number: number
  readonly patience: Patience
  readonly #options: PartitionQueueOptions
  #identity: ProducerIdentity | undefined
  #batches: OutgoingBatch[] = []
  #open: BatchEncoder | undefined
  #capacity = 0
  #sent = 0
  #nextSequence = 0
  /** Whether the leader knows the identity, by having acknowledged a batch of it. */
  #isProven = false
  #isRewinding = false
  /** Nothing is sent at the moment. */
  isPaused = false
  /** The leader has forgotten the identity: only a new one helps. */
  isForgotten = false

  constructor(options: PartitionQueueOptions) {
    this.number = options.number
    this.patience = options.patience
    this.#options = options
    this.#identity = options.identity
  }

  get isEmpty(): boolean {
    return this.#open === undefined && this.#batches.length === 0
  }

  get isUnderWay(): boolean {
    return this.#sent > 0
  }

  /** What still takes records, bytes. */
  get openBytes(): number {
    return this.#open?.length ?? 0
  }

  /** Where records are added. */
  encoder(): BatchEncoder {
    this.#open ??= new BatchEncoder(this.#options.memory, this.#capacity)
    return this.#open
  }

  /** What is open takes no more records. */
  close(): void {
    const encoder = this.#open
    if (!encoder) return
    this.#open = undefined
    const bytes = encoder.length
    // The next one is likely to become as large.
    this.#capacity = bytes
    encoder.compress(this.#options.compression)
    this.#batches.push({ encoder, bytes, state: 'waiting', sequence: -1, wasFirst: false })
  }

  /** The batch that may be sent now, if any; it counts as sent. @param takesOpen also what still takes records */
  next(takesOpen: boolean): OutgoingBatch | undefined {
    if (this.#isBlocked()) return undefined
    this.#isRewinding = false
    let index = this.#batches.findIndex(({ state }) => state === 'waiting')
    if (index === -1) {
      if (!takesOpen || !this.#open) return undefined
      index = this.#batches.length
      this.close()
    }
    const batch = this.#batches[index]!
    this.#stamp(batch)
    batch.state = 'sent'
    batch.wasFirst = index === 0
    this.#sent++
    return batch
  }

  #isBlocked(): boolean {
    if (this.isPaused || this.#sent >= sentMax) return true
    const mustGoAlone = this.#isRewinding || !this.#isProven || !this.#identity
    return mustGoAlone && this.#sent > 0
  }

  #stamp(batch: OutgoingBatch): void {
    const { encoder } = batch
    if (!this.#identity) return encoder.stamp(noStamp)
    if (batch.sequence !== -1) return
    batch.sequence = this.#nextSequence
    this.#nextSequence = (batch.sequence + encoder.count) & sequenceBits
    encoder.stamp({ ...this.#identity, sequence: batch.sequence })
  }

  /** A batch has been acknowledged. */
  acknowledge(batch: OutgoingBatch): void {
    this.#settle(batch, 'acknowledged')
    this.#isProven = true
    this.patience.worked()
    batch.encoder.release()
    let done = 0
    while (this.#batches[done]?.state === 'acknowledged') done++
    this.#batches.splice(0, done)
  }

  /** A batch is to be sent again, and all behind it that have not been acknowledged by then. */
  rewind(batch: OutgoingBatch): void {
    this.#settle(batch, 'waiting')
    this.#isRewinding = true
    this.#isProven = false
  }

  #settle(batch: OutgoingBatch, state: OutgoingBatch['state']): void {
    batch.state = state
    this.#sent--
  }

  /** A batch of several records is to be sent again as two, under the same sequence numbers. */
  split(batch: OutgoingBatch): readonly OutgoingBatch[] {
    this.rewind(batch)
    let { sequence } = batch
    const halves = batch.encoder.halves().map((encoder): OutgoingBatch => {
      const bytes = encoder.length
      encoder.compress(this.#options.compression)
      const half: OutgoingBatch = { encoder, bytes, state: 'waiting', sequence, wasFirst: false }
      if (this.#identity) encoder.stamp({ ...this.#identity, sequence })
      if (sequence !== -1) sequence = (sequence + encoder.count) & sequenceBits
      return half
    })
    this.#batches.splice(this.#batches.indexOf(batch), 1, ...halves)
    return halves
  }

  /** As {@link renew}, where it is another identity than it was. */
  identify(identity: ProducerIdentity): void {
    const { producerId, epoch, isTransactional } = identity
    const known = this.#identity
    if (known?.producerId === producerId && known.epoch === epoch && known.isTransactional === isTransactional) return
    this.renew(identity)
  }

  /** Numbers begin anew, also those of batches that wait. Nothing may be under way. */
  renew(identity: ProducerIdentity | undefined): void {
    this.#identity = identity
    this.#nextSequence = 0
    this.#isProven = false
    this.isForgotten = false
    for (const batch of this.#batches) batch.sequence = -1
  }
}
