import { deserialize, serialize } from 'node:v8'
import type { FormerOutput, PreparedOutput, SinkCheckpoints, SinkWriter } from '@lightflus/engine'

/** What is true of the job since an entry of its log. */
export interface JobEntry {
  readonly attempt: number
  /** Highest id that a checkpoint may have had. */
  readonly checkpointsUsed: number
  readonly subtasksMax: number
  readonly restored: RestoredCheckpoint | undefined
  /** All output of this checkpoint is in the target. */
  readonly committed: number
}

interface RestoredCheckpoint {
  readonly checkpoint: number
  readonly position: number
  readonly prepared: readonly PreparedOutput[]
}

/** Entries made by create-if-absent, as the real log's are. */
export interface JobLog {
  newest(): { readonly number: number; readonly entry: JobEntry } | undefined
  /** @throws where another has taken the number */
  append(number: number, entry: JobEntry): void
}

export class MemoryLog implements JobLog {
  readonly #entries: Uint8Array[] = []

  newest() {
    const bytes = this.#entries.at(-1)
    return bytes && { number: this.#entries.length - 1, entry: deserialize(bytes) as JobEntry }
  }

  append(number: number, entry: JobEntry): void {
    if (number !== this.#entries.length) throw new Error('fenced by the log')
    this.#entries.push(serialize(entry))
  }
}

export interface CommitJob {
  readonly log: JobLog
  readonly parallelism: number
  /** Records are the numbers below this one. */
  readonly recordsTotal: number
  /** In a checkpoint, of all subtasks. */
  readonly recordsPerCheckpoint: number
  readonly createWriter: (subtask: number, checkpoints: SinkCheckpoints) => SinkWriter
  readonly recordOf: (index: number) => unknown
  /** Whether the checkpoint comes to nothing. */
  readonly isAborted?: (checkpoint: number) => boolean
  /** Called once all have resumed. */
  readonly onResumed?: () => void
}

const idsLeftOut = 10

/**
 * Runs an attempt of a job that has a source and a sink which writes exactly once, as the port says that engine and
 * runtime do it, to its end or to where its writers or its log throw.
 */
export async function runAttempt(job: CommitJob): Promise<void> {
  const { parallelism, recordsTotal, recordsPerCheckpoint } = job
  const found = job.log.newest()
  let number = found === undefined ? 0 : found.number + 1
  let entry: JobEntry = {
    attempt: (found?.entry.attempt ?? 0) + 1,
    checkpointsUsed: (found?.entry.checkpointsUsed ?? 0) + idsLeftOut,
    subtasksMax: Math.max(found?.entry.subtasksMax ?? 0, parallelism),
    restored: found?.entry.restored,
    committed: found?.entry.committed ?? 0,
  }
  const log = (changes: Partial<JobEntry>) => {
    entry = { ...entry, ...changes }
    job.log.append(number++, entry)
  }
  log({})
  const { attempt, restored, subtasksMax } = entry
  const checkpoints: SinkCheckpoints = {
    ...{ lineage: 'job-lineage', attempt, isDurable: true },
    ...{ intervalMs: 1_000, timeoutMs: 60_000 },
  }
  const writers = Array.from({ length: parallelism }, (_, subtask) => job.createWriter(subtask, checkpoints))
  const isOf = (subtask: number) => (other: number) =>
    other === subtask || (other >= parallelism && other % parallelism === subtask)
  try {
    for (const writer of writers) await writer.open()
    const formerOf = (subtask: number): FormerOutput => ({
      prepared: (restored?.prepared ?? []).filter((output) => isOf(subtask)(output.subtask)),
      isCommitted: restored !== undefined && entry.committed >= restored.checkpoint,
      subtasks: Array.from({ length: subtasksMax }, (_, other) => other).filter(isOf(subtask)),
    })
    await Promise.all(writers.map((writer, subtask) => writer.commits!.resume(formerOf(subtask))))
    if (restored && entry.committed < restored.checkpoint) log({ committed: restored.checkpoint })
    job.onResumed?.()
    let checkpoint = entry.checkpointsUsed
    for (let position = restored?.position ?? 0; position < recordsTotal;) {
      const end = Math.min(position + recordsPerCheckpoint, recordsTotal)
      await Promise.all(
        writers.map(async (writer, subtask) => {
          const own = Array.from({ length: end - position }, (_, at) => position + at).filter(
            (index) => index % parallelism === subtask,
          )
          await writer.write(own.map(job.recordOf), new Array<number>(own.length).fill(0), undefined)
        }),
      )
      position = end
      checkpoint++
      const prepared = await Promise.all(
        writers.map(async (writer, subtask) => ({
          ...{ subtask, attempt, checkpoint },
          output: await writer.commits!.prepare(checkpoint),
        })),
      )
      if (position < recordsTotal && job.isAborted?.(checkpoint)) continue
      log({ checkpointsUsed: checkpoint, restored: { checkpoint, position, prepared } })
      await Promise.all(writers.map((writer) => writer.commits!.commit(checkpoint)))
      log({ committed: checkpoint })
    }
  } finally {
    await Promise.all(writers.map((writer) => writer.close()))
  }
}
