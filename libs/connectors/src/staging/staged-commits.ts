import { LightflusError, type Json } from '@lightflus/api'
import type { ConnectorContext, FormerOutput, SinkCheckpoints, SinkCommits } from '@lightflus/engine'
import { pause } from '../pause.ts'
import type { CommitTarget } from './commit-target.ts'
import { markerLost } from './commit-errors.ts'
import { StagedOutput, type StagedSegment } from './staged-output.ts'
import type { TextList } from './text-lists.ts'

export interface StagedCommitsOptions {
  readonly context: ConnectorContext<'sink'>
  readonly checkpoints: SinkCheckpoints
  readonly target: CommitTarget
  /** What the lists that are added now are: see `StagedSegment.head`. */
  readonly head: () => Json
  readonly bytesMax: number
}

/** What `prepare` resolves with. */
interface Staged {
  /** The checkpoint up to which output was in the target when this was made; 0: none. */
  readonly committed: number
  readonly segments: readonly StagedSegment[]
}

/** How often a sink that waits looks whether there is room again, milliseconds. */
const lookMs = 100
/** The second half of the room lasts for so many intervals between checkpoints. */
const secondHalfIntervals = 2

/**
 * Writes exactly once what a target takes all at once with a marker: output waits in the checkpoint, cut at the barriers,
 * and is written when the checkpoint exists. Each piece bears the number of the barrier that ended it, so that the marker tells
 * which of them are in the target, whichever of them a checkpoint holds.
 */
export class StagedCommits implements SinkCommits {
  readonly #options: StagedCommitsOptions
  readonly #output = new StagedOutput()
  readonly #subtask: number
  /** Where the own marker stands. */
  #committed = 0
  /** As of the latest `ready`. */
  #bytesSeen = 0

  constructor(options: StagedCommitsOptions) {
    this.#options = options
    this.#subtask = options.context.subtask.index
  }

  async resume({ prepared, isCommitted, subtasks }: FormerOutput): Promise<void> {
    const { target, context } = this.#options
    const all = new Set([this.#subtask, ...subtasks, ...prepared.map(({ subtask }) => subtask)])
    const markers = new Map(await target.claim([...all]))
    for (const { subtask, output } of prepared) {
      // Nothing was written, or not by staging.
      if (output === undefined) continue
      const { committed, segments } = output as Staged
      const from = markers.get(subtask)!
      const least = isCommitted ? (segments.at(-1)?.checkpoint ?? committed) : committed
      if (from < least) throw markerLost(context.operator.node.id, { subtask, found: from, expected: least })
      const due = segments.filter(({ checkpoint }) => checkpoint > from)
      if (due.length === 0) continue
      const to = due.at(-1)!.checkpoint
      await target.write({ subtask, from, to, segments: due })
      markers.set(subtask, to)
    }
    this.#committed = markers.get(this.#subtask)!
  }

  add(texts: TextList): number {
    return this.#output.add(texts)
  }

  /**
   * After each write: a promise holds the caller back. Once half the room is taken the rest is given out so that it lasts
   * for a few checkpoints, since only one can free it: a job that catches up is slowed to what its target takes.
   * @throws LF_SINK_STAGE_FULL
   */
  ready(): void | Promise<void> {
    const { bytesMax, checkpoints, context } = this.#options
    const { bytes } = this.#output
    const added = Math.max(0, bytes - this.#bytesSeen)
    this.#bytesSeen = bytes
    if (bytes > bytesMax) throw stageFull(context.operator.node.id, bytesMax)
    const half = bytesMax / 2
    const isPaced = checkpoints.intervalMs > 0 && Number.isFinite(checkpoints.intervalMs)
    if (bytes <= half || !isPaced) return
    return this.#untilRoom((added / half) * secondHalfIntervals * checkpoints.intervalMs, half)
  }

  async #untilRoom(ms: number, bytes: number): Promise<void> {
    const { signal } = this.#options.context
    for (let left = ms; left > 0 && this.#output.bytes > bytes && !signal.aborted; left -= lookMs)
      await pause(Math.min(left, lookMs), signal)
  }

  prepare(checkpoint: number): Promise<unknown> {
    const segments = this.#output.cut(checkpoint, this.#options.head)
    if (segments.length === 0 && this.#committed === 0) return Promise.resolve(undefined)
    // Also without output: a restore must find the marker where it was.
    const staged: Staged = { committed: this.#committed, segments }
    return Promise.resolve(staged)
  }

  async commit(checkpoint: number): Promise<void> {
    const segments = this.#output.upTo(checkpoint)
    if (segments.length === 0) return
    const to = segments.at(-1)!.checkpoint
    await this.#options.target.write({ subtask: this.#subtask, from: this.#committed, to, segments })
    this.#committed = to
    this.#output.drop(segments)
    this.#bytesSeen = this.#output.bytes
  }
}

const stageFull = (operator: string, bytesMax: number) =>
  new LightflusError(
    'LF_SINK_STAGE_FULL',
    `Operator ${operator}: ${(bytesMax / 1024 / 1024).toFixed(0)} MiB of output wait for a checkpoint, and no more may`,
    { details: { operator, stagedBytesMax: bytesMax } },
  )
