import { LightflusError } from '@lightflus/api'
import type { SinkWriter } from '../connector.ts'
import type { PreparedOutput } from '../sink-commits.ts'
import type { SubtaskCheckpoints } from '../subtask/subtask-options.ts'
import type { OperatorContext, OperatorState } from './operator.ts'

/**
 * What a sink has written in its subtask, seen from the checkpoints: acknowledged outside at each barrier, or, where its
 * writer commits, prepared there and kept as the sink's state until a commit takes it.
 */
export class SinkOutput {
  readonly #context: OperatorContext<'sink'>
  readonly #writer: SinkWriter
  readonly #checkpoints: SubtaskCheckpoints | undefined
  #restored: readonly PreparedOutput[] = []
  #prepared: PreparedOutput | undefined

  /** @param checkpoints absent: it is written at least once, whatever the writer could do */
  constructor(context: OperatorContext<'sink'>, writer: SinkWriter, checkpoints: SubtaskCheckpoints | undefined) {
    this.#context = context
    this.#writer = writer
    this.#checkpoints = checkpoints
  }

  get prepared(): PreparedOutput | undefined {
    return this.#prepared
  }

  get state(): OperatorState | undefined {
    return this.#prepared && { subtask: this.#prepared, keyGroups: new Map() }
  }

  /** @param left what all subtasks of the attempt before had prepared */
  restore(left: readonly unknown[]): void {
    const { index, parallelism } = this.#context.subtask
    this.#restored = (left as readonly PreparedOutput[])
      .filter(({ subtask }) => subtask % parallelism === index)
      .sort((a, b) => a.subtask - b.subtask)
  }

  /** Settles what former attempts left, before anything is written. */
  async resume(): Promise<void> {
    const checkpoints = this.#checkpoints
    const pending = this.#restored.filter(({ checkpoint }) => checkpoint > (checkpoints?.committedTo ?? 0))
    const isCommitted = pending.length === 0
    if (checkpoints && this.#writer.commits) {
      const subtasks = subtasksOf(this.#context.subtask, checkpoints.subtasksMax)
      await this.#writer.commits.resume({ prepared: isCommitted ? this.#restored : pending, isCommitted, subtasks })
    } else if (!isCommitted) throw this.#uncommitted()
    this.#restored = []
  }

  async flush(checkpoint: number): Promise<void> {
    const checkpoints = this.#checkpoints
    if (!checkpoints || !this.#writer.commits) return this.#writer.flush()
    const output = await this.#writer.commits.prepare(checkpoint)
    if (output === undefined && this.#prepared)
      throw new Error(`its writer has lost what it had prepared for checkpoint ${this.#prepared.checkpoint}`)
    const { attempt } = checkpoints
    const subtask = this.#context.subtask.index
    this.#prepared = output === undefined ? undefined : { subtask, attempt, checkpoint, output }
  }

  commit(): Promise<void> {
    const { checkpoint } = this.#prepared!
    this.#prepared = undefined
    return this.#writer.commits!.commit(checkpoint)
  }

  #uncommitted(): LightflusError {
    const { job, operator } = this.#context
    const { id } = operator.node
    return new LightflusError(
      'LF_RESTORE_MISMATCH',
      `Job ${job}, operator ${id}: the checkpoint holds output of this sink that is not committed yet, and the sink now commits nothing.`,
      {
        details: { job, operator: id },
        nextStep:
          "Run the job once more with the sink as it was (delivery: 'exactly-once') and suspend it; then change the sink.",
      },
    )
  }
}

/** Whose leavings fall to this subtask: its own, and of those that are no more each that has its number as modulus. */
function subtasksOf({ index, parallelism }: OperatorContext['subtask'], subtasksMax: number): number[] {
  const count = Math.max(1, Math.ceil((subtasksMax - index) / parallelism))
  return Array.from({ length: count }, (_, turn) => index + turn * parallelism)
}
