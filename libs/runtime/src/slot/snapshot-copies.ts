import { setImmediate } from 'node:timers/promises'
import type { StateBudget, StateSegment, SubtaskSnapshot } from '@lightflus/engine'
import type { EncodedFile } from '@lightflus/storage'
import { SnapshotCopy } from '../checkpoint/snapshot-copy.ts'

/** How long a subtask stands still for a part of its state to be copied, milliseconds: about as long as for a batch. */
const sliceMs = 1

export interface SnapshotCopiesOptions {
  /** What copies take counts as state. */
  readonly budget: StateBudget
  /** Milliseconds. */
  readonly elapsed: () => number
  /** Lets subtasks go on. Default: a turn of the thread's loop. */
  readonly pause?: () => Promise<void>
}

export interface StoredCopy {
  readonly file: EncodedFile
  /** The longest that the thread stood still for it at once, milliseconds. */
  readonly pauseMs: number
  /** Of all operators; their files stay until `stored` is told of it. */
  readonly segments: readonly StateSegment[]
}

/** What is under way of one subtask. */
interface Copying {
  readonly checkpoint: number | 'finished'
  readonly copy: SnapshotCopy
  /** In the budget. */
  bytes: number
  pauseMs: number
  isAborted: boolean
}

/**
 * Copies the snapshots of a slot's subtasks: a little at the barrier, and the rest slice by slice between batches. They
 * come out one after the other, so that what a subtask left when it finished cannot overtake what it acknowledged before.
 */
export class SnapshotCopies {
  readonly #options: SnapshotCopiesOptions
  readonly #pause: () => Promise<void>
  /** By chain: its state cannot be frozen twice. */
  readonly #copying = new Map<string, Copying>()
  /** What lets go of segments, by snapshot. */
  readonly #holds = new Map<string, () => void>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: SnapshotCopiesOptions) {
    this.#options = options
    this.#pause = options.pause ?? (() => setImmediate())
  }

  /**
   * Call it before the subtask goes on.
   * @param pausedMs how long it has stood still for the snapshot already
   * @returns the file, or undefined where the checkpoint was aborted meanwhile; where it comes with segments, `stored` is due
   * @throws LF_STATE_UNSUPPORTED at once, or rejects with it
   */
  store(
    chain: string,
    checkpoint: number | 'finished',
    snapshot: SubtaskSnapshot,
    pausedMs: number,
  ): Promise<StoredCopy | undefined> {
    const from = this.#options.elapsed() - pausedMs
    const segments = snapshot.operators.flatMap((each) => each.segments ?? [])
    this.#holds.set(holdName(chain, checkpoint), () => releaseSegments(snapshot))
    // A former one is aborted or about to be: whatever becomes of it, it is to be what it was.
    this.#copying.get(chain)?.copy.finish()
    const copy = new SnapshotCopy(snapshot)
    const isMore = copy.advance(sliceMs, this.#options.elapsed)
    const copying = { checkpoint, copy, bytes: 0, pauseMs: this.#options.elapsed() - from, isAborted: false }
    this.#account(copying)
    if (isMore) this.#copying.set(chain, copying)
    const before = this.#last
    const stored = this.#goOn(chain, copying, isMore)
      .then(async () => {
        await before
        if (copying.isAborted) return this.stored(chain, checkpoint)
        const file = await copy.file(this.#pause)
        if (segments.length === 0) this.stored(chain, checkpoint)
        return { file, pauseMs: copying.pauseMs, segments }
      })
      .catch((thrown: unknown) => {
        this.stored(chain, checkpoint)
        throw thrown
      })
      .finally(() => {
        copy.release()
        this.#account(copying)
      })
    this.#last = stored.catch(() => undefined)
    return stored
  }

  /** The checkpoint will never exist: what is copied of it is let go of. */
  abort(chain: string, checkpoint: number): void {
    const copying = this.#copying.get(chain)
    if (copying?.checkpoint !== checkpoint) return
    copying.isAborted = true
    copying.copy.release()
    this.#copying.delete(chain)
    this.#account(copying)
  }

  /** The snapshot's segments are stored, or will not be: lets go of their files. */
  stored(chain: string, checkpoint: number | 'finished'): undefined {
    this.#holds.get(holdName(chain, checkpoint))?.()
    this.#holds.delete(holdName(chain, checkpoint))
  }

  async #goOn(chain: string, copying: Copying, isMore: boolean): Promise<void> {
    const { elapsed } = this.#options
    try {
      for (let goesOn = isMore; goesOn && !copying.isAborted;) {
        await this.#pause()
        if (copying.copy.isFull) await copying.copy.compressed()
        if (copying.isAborted) return
        const from = elapsed()
        goesOn = copying.copy.advance(sliceMs, elapsed)
        copying.pauseMs = Math.max(copying.pauseMs, elapsed() - from)
        this.#account(copying)
      }
    } finally {
      if (this.#copying.get(chain) === copying) this.#copying.delete(chain)
    }
  }

  #account(copying: Copying): void {
    const { bytes } = copying.copy
    this.#options.budget.bytes += bytes - copying.bytes
    copying.bytes = bytes
  }
}

const holdName = (chain: string, checkpoint: number | 'finished'): string => `${checkpoint} ${chain}`

function releaseSegments({ operators }: SubtaskSnapshot): void {
  for (const { releaseSegments } of operators) releaseSegments?.()
}
