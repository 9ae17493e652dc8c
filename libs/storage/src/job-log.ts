import { randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import type { CheckpointStorage } from './checkpoint-storage.ts'
import { missingFile } from './file-codec.ts'
import {
  decodeEntry,
  emptyLog,
  encodeEntry,
  repeatingSinks,
  type FreshStart,
  type LogEntry,
  type LogEvent,
  type LoggedCheckpoint,
  type LogState,
} from './log-entry.ts'
import { IngestRetention } from './ingest/ingest-retention.ts'
import { deleteGarbage, retained, type Keeping } from './checkpoint-retention.ts'
import { entryNumber, entryPath, logPrefix } from './storage-layout.ts'

/**
 * How many checkpoint ids an attempt may use above the last one that the log knows. A claim leaves as many unused, so
 * that no id is ever used twice although aborted checkpoints are in no log.
 */
export const checkpointsUnloggedMax = 10
/** Entries kept for a person to look at; only the newest is needed. */
export const entriesKept = 20
/** Claims of other attempts that may come in between before a claim is given up. */
const claimTriesMax = 16
const readTriesMax = 4

/** What {@link claimJob} was asked for. */
export interface ClaimOptions extends Keeping {
  readonly storage: CheckpointStorage
  /** For messages. */
  readonly job: string
  /** Subtasks that each chain has in this attempt: the log names them before they write anything. */
  readonly parallelism: number
  readonly now: () => number
  /** Whose attempt it is. Default: one whom nobody else knows. */
  readonly holder?: JobHolder
  /** To start afresh: a name for this wish. A claim with the name of the newest fresh start goes on from there. */
  readonly afresh?: string
  /** With `afresh`: the checkpoint to begin with, all others being ignored. Default: none. */
  readonly from?: ChosenCheckpoint
}

/**
 * Who runs attempt after attempt of a job: a deployment in one process. It may go on only as long as nobody else has claimed
 * the job since it first tried to. Else an attempt that stood still for long, failed of that, and was started again would
 * take the job back from its successor.
 */
export class JobHolder {
  /** At random. */
  readonly id: string
  /** Its own newest attempt; of a claim that seemed to fail, the attempt before that. Undefined: it has tried none. */
  knownTo: number | undefined

  constructor(id: string) {
    this.id = id
  }
}

/** A checkpoint that somebody has chosen to go on from, although there may be newer ones. */
export interface ChosenCheckpoint {
  readonly checkpoint: number
  /** Whether sinks may write again what they may have committed since, exactly once. Default false. */
  readonly acceptRepeats?: boolean
}

async function entryAt(storage: CheckpointStorage, number: number): Promise<LogEntry | undefined> {
  const path = entryPath(number)
  const bytes = await storage.get(path)
  return bytes && decodeEntry(bytes, { path, location: storage.location })
}

async function entryNumbers(storage: CheckpointStorage): Promise<number[]> {
  return (await storage.list(logPrefix)).flatMap((path) => entryNumber(path) ?? [])
}

async function newestEntry(storage: CheckpointStorage): Promise<LogEntry | undefined> {
  for (let tries = 1; ; tries += 1) {
    const number = (await entryNumbers(storage)).at(-1)
    if (number === undefined) return undefined
    const entry = await entryAt(storage, number)
    if (entry) return entry
    // The holder may have gone on, and deleted this one, between the two calls.
    if (tries === readTriesMax) throw missingFile({ path: entryPath(number), location: storage.location })
  }
}

/**
 * Makes an entry with the number after `before`, if nobody else has or had it.
 * @returns whether the writer of `entry` holds the log now
 */
async function makeEntry(storage: CheckpointStorage, before: LogEntry | undefined, entry: LogEntry): Promise<boolean> {
  const made = await storage.createIfAbsent(entryPath(entry.number), await encodeEntry(entry))
  // A driver over a network may have made it in a try that seemed to fail.
  if (!made && (await entryAt(storage, entry.number))?.writer !== entry.writer) return false
  // Another may have had the number and deleted its entry, but only together with the one before.
  return before === undefined || (await entryAt(storage, before.number))?.writer === before.writer
}

/**
 * What the job's log says, without claiming anything.
 * @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT and what {@link CheckpointStorage} throws
 */
export async function readLog(storage: CheckpointStorage): Promise<LogState> {
  return (await newestEntry(storage))?.state ?? emptyLog
}

/**
 * The log of one job, in the hands of the attempt that has claimed it. Entries are numbered, and made only by
 * create-if-absent; so of two attempts that both believe the job theirs, one finds the next number taken and ends
 * itself. Calls must not overlap.
 *
 * 1. An attempt tries no number but the one after its newest entry.
 * 2. Entries are deleted in rising order, by the holder alone, after an entry of its own.
 * 3. So when the entry before the one just made is still there, nobody else has had that number. An attempt that wakes
 *    after its successor's entries were deleted finds its own newest entry deleted as well, and ends.
 */
export class JobLog {
  readonly #options: ClaimOptions
  readonly #ingest: IngestRetention
  #newest: LogEntry
  /** An entry was tried and nobody knows whether it was made: no other may follow. */
  #unsure = false

  constructor(options: ClaimOptions, claim: LogEntry) {
    this.#options = options
    this.#ingest = new IngestRetention(options)
    this.#newest = claim
  }

  /** Whether entries can still be made. */
  get usable(): boolean {
    return !this.#unsure
  }

  /** The number of the attempt that holds this. */
  get attempt(): number {
    return this.#newest.state.attempt
  }

  get state(): LogState {
    return this.#newest.state
  }

  /**
   * Makes a checkpoint exist, then deletes what is no longer restorable.
   * @throws LF_ATTEMPT_FENCED; what the storage throws, after which the entry may or may not have been made: either
   * way the attempt must end, and writes to the log no more.
   */
  async checkpoint(checkpoint: LoggedCheckpoint): Promise<void> {
    const state = this.state
    await this.#append(
      { kind: 'checkpoint' },
      {
        ...state,
        checkpointsUsedTo: Math.max(state.checkpointsUsedTo, checkpoint.checkpoint),
        checkpoints: retained({ ...state, checkpoints: [...state.checkpoints, checkpoint] }, this.#options),
        outputs: {
          ...state.outputs,
          ...Object.fromEntries(checkpoint.outputs.map((sink) => [sink, checkpoint.checkpoint])),
        },
      },
    )
  }

  /**
   * Says that all is committed that sinks prepared for the checkpoint, and for those before it.
   * @throws as {@link checkpoint}
   */
  async committed(checkpoint: number): Promise<void> {
    const state = this.state
    const committedTo = Math.max(state.committedTo, checkpoint)
    await this.#append({ kind: 'committed', checkpoint }, { ...state, committedTo })
  }

  /**
   * Says that the attempt has ended by itself.
   * @param checkpointsUsedTo the highest checkpoint id that it has used, so that the next one need leave none out
   * @throws LF_ATTEMPT_FENCED and what the storage throws
   */
  async release(checkpointsUsedTo: number): Promise<void> {
    await this.#append({ kind: 'released' }, { ...this.state, checkpointsUsedTo })
  }

  /**
   * Deletes old entries, and files of checkpoints that are not kept. Repeatable; nothing depends on it. Checkpoints may come to
   * exist meanwhile: all is judged by the entry that was the newest at the start.
   */
  async deleteOld(): Promise<void> {
    const { storage } = this.#options
    const { number: newest, state } = this.#newest
    for (const number of await entryNumbers(storage)) {
      if (number <= newest - entriesKept) await storage.delete(entryPath(number))
    }
    await deleteGarbage(storage, state)
    await this.#ingest.letGo(state)
  }

  async #append(event: LogEvent, state: LogState): Promise<void> {
    const { storage, now, job } = this.#options
    if (this.#unsure) throw new Error('the log was used after it had failed')
    this.#unsure = true
    const before = this.#newest
    const entry: LogEntry = { number: before.number + 1, event, at: now(), writer: before.writer, state }
    if (await makeEntry(storage, before, entry)) {
      this.#newest = entry
      this.#unsure = false
      return
    }
    throw new LightflusError(
      'LF_ATTEMPT_FENCED',
      `Attempt ${this.attempt} of job ${job} ended itself: another attempt has claimed the job.`,
      { details: { job, attempt: this.attempt } },
    )
  }
}

/**
 * Makes a new attempt the only one that may write to the job's storage. What to restore is chosen from the log that
 * this returns, never from one read before.
 * @throws LF_RESTORE_UNKNOWN, LF_RESTORE_REPEATS where `from` cannot be, or is not to be, gone on from: nothing is claimed
 * then; LF_ATTEMPT_FENCED when others claim it again and again, or have claimed it since the holder did; LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT; what the
 * storage throws
 */
export async function claimJob(options: ClaimOptions): Promise<JobLog> {
  const { storage, job, now, holder = new JobHolder(randomUUID()) } = options
  const { knownTo = Infinity } = holder
  const writer = `${holder.id}/${randomUUID()}`
  for (let tries = 0; tries < claimTriesMax; tries += 1) {
    const newest = await newestEntry(storage)
    // A claim that seemed to fail may have been made: that one is known by its writer.
    if (newest && newest.state.attempt > knownTo && !newest.writer.startsWith(`${holder.id}/`)) {
      throw new LightflusError(
        'LF_ATTEMPT_FENCED',
        `Job ${job} is not started again here: attempt ${newest.state.attempt} has claimed it elsewhere.`,
        { details: { job, attempt: newest.state.attempt } },
      )
    }
    const number = (newest?.number ?? 0) + 1
    const claim: LogEntry = { number, event: { kind: 'claim' }, at: now(), writer, state: claimed(newest, options) }
    holder.knownTo ??= newest?.state.attempt ?? 0
    if (!(await makeEntry(storage, newest, claim))) continue
    holder.knownTo = claim.state.attempt
    return new JobLog(options, claim)
  }
  throw new LightflusError(
    'LF_ATTEMPT_FENCED',
    `Job ${job} could not be claimed: other attempts claimed it ${claimTriesMax} times in a row.`,
    { details: { job } },
  )
}

function claimed(newest: LogEntry | undefined, options: ClaimOptions): LogState {
  const before = newest?.state ?? emptyLog
  const attempt = before.attempt + 1
  const spare = newest === undefined || newest.event.kind === 'released' ? 0 : checkpointsUnloggedMax
  return {
    ...before,
    lineage: before.lineage === '' ? randomUUID() : before.lineage,
    attempt,
    subtasksMax: Math.max(before.subtasksMax, options.parallelism),
    checkpointsUsedTo: before.checkpointsUsedTo + spare,
    afresh: freshStart(before, attempt, options),
  }
}

function freshStart(before: LogState, attempt: number, { job, afresh, from }: ClaimOptions): FreshStart | null {
  if (afresh === undefined || afresh === before.afresh?.id) return before.afresh
  if (from === undefined) return { id: afresh, attempt }
  assertMayGoOnFrom(before, job, from)
  return { id: afresh, attempt, from: from.checkpoint }
}

/** @throws LF_RESTORE_UNKNOWN, LF_RESTORE_REPEATS */
function assertMayGoOnFrom(log: LogState, job: string, { checkpoint, acceptRepeats = false }: ChosenCheckpoint): void {
  const chosen = log.checkpoints.find((each) => each.checkpoint === checkpoint)
  if (!chosen) {
    const kept = log.checkpoints.map((each) => `${each.kind} ${each.checkpoint}`).reverse()
    throw new LightflusError(
      'LF_RESTORE_UNKNOWN',
      `Job ${job} keeps no checkpoint or savepoint ${checkpoint}; ${kept.length === 0 ? 'it keeps none' : `it keeps ${kept.join(', ')}`}.`,
      { details: { job, checkpoint, kept } },
    )
  }
  const sinks = repeatingSinks(log, chosen)
  if (sinks.length === 0 || acceptRepeats) return
  const those = sinks.map((sink) => `${sink} (up to checkpoint ${log.outputs[sink]})`).join(', ')
  throw new LightflusError(
    'LF_RESTORE_REPEATS',
    `Job ${job}: after ${chosen.kind} ${checkpoint} more output may have been committed, which would be written again: by ${those}.`,
    { details: { job, checkpoint, sinks } },
  )
}
