import { callLocated, type ErrorPlace } from '../operators/error-place.ts'
import type { Sink } from '../operators/sink.ts'

/** A sink of the subtask, and how messages name it. */
export interface PlacedSink {
  readonly sink: Sink
  readonly place: ErrorPlace
}

export interface CommittingSinksOptions {
  readonly sinks: readonly PlacedSink[]
  /** Number of the attempt's first checkpoint. */
  readonly first: number
  readonly signal: AbortSignal
  /** All that the sinks prepared for the checkpoint is committed. */
  readonly onCommitted: (checkpoint: number) => void
  /** Something that the subtask may wait for has changed. */
  readonly wake: () => void
}

/**
 * What the sinks of one subtask have prepared, and what becomes of it.
 *
 * 1. A checkpoint's fate is told of each barrier: it exists, or it never will. Output is prepared anew only when the
 *    fate of what was prepared before is known; so `commit` has begun before the next `prepare`, or never comes.
 * 2. Commits run beside the subtask's loop, and never two at a time: the coordinator lets no checkpoint exist before
 *    all output of the one before is committed (asserted).
 */
export class CommittingSinks {
  readonly #options: CommittingSinksOptions
  /** The fate of checkpoints up to this one is known. */
  #decidedTo: number
  #isCommitting = false
  #failure: { readonly thrown: unknown } | undefined

  constructor(options: CommittingSinksOptions) {
    this.#options = options
    this.#decidedTo = options.first - 1
  }

  get decidedTo(): number {
    return this.#decidedTo
  }

  /** There is output that no checkpoint which exists has been seen to name. */
  get hasPrepared(): boolean {
    return this.#options.sinks.some(({ sink }) => sink.prepared !== undefined)
  }

  /** Nothing is left to commit. */
  get isSettled(): boolean {
    return !this.#isCommitting && !this.hasPrepared
  }

  /** Output is prepared for a checkpoint of which it is not known whether it exists. */
  get isUndecided(): boolean {
    return this.#options.sinks.some(({ sink }) => sink.prepared && sink.prepared.checkpoint > this.#decidedTo)
  }

  /** @throws what a commit was rejected with */
  assertWell(): void {
    if (this.#failure) throw this.#failure.thrown
  }

  completed(checkpoint: number): void {
    this.#decide(checkpoint)
    // Where nothing was prepared for it, this word may come after the next barrier, which came by the exchange.
    const due = this.#options.sinks.filter(({ sink }) => sink.prepared && sink.prepared.checkpoint <= checkpoint)
    if (this.#options.signal.aborted || this.#failure || due.length === 0) return
    if (this.#isCommitting) this.#fail(new Error(`checkpoint ${checkpoint} came before the one before was committed`))
    else void this.#commit(checkpoint, due)
  }

  aborted(checkpoint: number): void {
    this.#decide(checkpoint)
  }

  #decide(checkpoint: number): void {
    this.#decidedTo = Math.max(this.#decidedTo, checkpoint)
    this.#options.wake()
  }

  async #commit(checkpoint: number, due: readonly PlacedSink[]): Promise<void> {
    const { onCommitted } = this.#options
    this.#isCommitting = true
    try {
      // All begin now: each must have taken what it prepared before it prepares more.
      await Promise.all(due.map(({ sink, place }) => callLocated(place, () => sink.commit())))
      this.#isCommitting = false
      if (!this.#options.signal.aborted) onCommitted(checkpoint)
      this.#options.wake()
    } catch (thrown) {
      this.#fail(thrown)
    }
  }

  #fail(thrown: unknown): void {
    this.#failure ??= { thrown }
    this.#options.wake()
  }
}
