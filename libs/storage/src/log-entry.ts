import { LightflusError } from '@lightflus/api'
import { decodeFile, encodeFile, type FilePlace } from './file-codec.ts'
import { entryPath } from './storage-layout.ts'

/** A checkpoint that exists, as the log names it. */
export interface LoggedCheckpoint {
  /** Rises over the whole life of the job; never used twice. */
  readonly checkpoint: number
  readonly attempt: number
  readonly kind: 'checkpoint' | 'savepoint'
  /** Milliseconds since the epoch. */
  readonly completedAt: number
  readonly durationMs: number
  /** Stored size of its files. */
  readonly bytes: number
  readonly manifest: FileName
  /** Folders that hold its files: its own, and those of subtasks that had finished before it. */
  readonly folders: readonly string[]
}

/** A file by its path and by what is in it. */
export interface FileName {
  readonly path: string
  readonly sha256: string
}

/**
 * All that the log says, after an entry. Each entry holds it whole, so the newest one is enough to know everything and
 * the others may be deleted.
 */
export interface LogState {
  /** The newest attempt that has claimed the job; 0 before the first. */
  readonly attempt: number
  /** Checkpoint ids up to this one are used, or may be: a new attempt begins above. */
  readonly checkpointsUsedTo: number
  /** Those whose files are kept, oldest first. */
  readonly checkpoints: readonly LoggedCheckpoint[]
  /** The newest start that ignored what was there: checkpoints of attempts before it are not restored from. */
  readonly afresh: FreshStart | null
}

export interface FreshStart {
  /** Who asked for it. The same asking again, after the loss of a process, goes on instead. */
  readonly id: string
  /** Its first attempt. */
  readonly attempt: number
}

export type LogEvent =
  /** The attempt is from now on the only one that may write. */
  | { readonly kind: 'claim' }
  /** The checkpoint, the last one of the state, exists from now on. */
  | { readonly kind: 'checkpoint' }
  /** The attempt has ended by itself and writes no more. */
  | { readonly kind: 'released' }

export interface LogEntry {
  readonly number: number
  readonly event: LogEvent
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Whoever wrote it: tells an own entry, written by a call that seemed to fail, from another's. */
  readonly writer: string
  readonly state: LogState
}

export const emptyLog: LogState = { attempt: 0, checkpointsUsedTo: 0, checkpoints: [], afresh: null }

/** What may be restored from, newest first. */
export function restorable({ checkpoints, afresh }: LogState): LoggedCheckpoint[] {
  return checkpoints.filter(({ attempt }) => attempt >= (afresh?.attempt ?? 0)).reverse()
}

export async function encodeEntry(entry: LogEntry): Promise<Uint8Array> {
  return (await encodeFile('entry', Buffer.from(JSON.stringify(entry)))).bytes
}

/** @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT */
export async function decodeEntry(bytes: Uint8Array, place: FilePlace): Promise<LogEntry> {
  const entry = JSON.parse(Buffer.from(await decodeFile('entry', bytes, place)).toString()) as LogEntry
  if (entryPath(entry.number) === place.path) return entry
  throw new LightflusError(
    'LF_CHECKPOINT_DAMAGED',
    `${place.path} in ${place.location} is damaged: it holds entry ${entry.number}.`,
  )
}
