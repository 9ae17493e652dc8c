import type { BatchMemory } from '../records/batch-encoder.ts'

/** Smallest buffer, bytes: what a batch of a slow stream takes. */
const smallestBytes = 4 * 1024
/** What may be kept for later of buffers that nobody uses, bytes. */
const keptBytesMax = 4 * 1024 * 1024
/** Larger ones, for single records beyond all measure, are not kept. */
const keptOneBytesMax = 1024 * 1024

/**
 * The buffers of a sink's batches, used again and again: a first pass over fresh memory costs several times as much as
 * one over memory that the process has touched before.
 */
export class BatchBuffers implements BatchMemory {
  /** By the power of two that their size is. */
  readonly #free = new Map<number, Buffer[]>()
  #keptBytes = 0

  take(bytes: number): Buffer {
    const power = Math.max(Math.ceil(Math.log2(bytes)), Math.log2(smallestBytes))
    const free = this.#free.get(power)?.pop()
    if (!free) return Buffer.allocUnsafeSlow(2 ** power)
    this.#keptBytes -= free.length
    return free
  }

  give(buffer: Buffer): void {
    if (buffer.length > keptOneBytesMax || this.#keptBytes + buffer.length > keptBytesMax) return
    this.#keptBytes += buffer.length
    const power = Math.log2(buffer.length)
    const free = this.#free.get(power)
    if (free) free.push(buffer)
    else this.#free.set(power, [buffer])
  }
}
