import { LightflusError } from '@lightflus/api'
import { decodeFile, encodeFile, type FilePlace } from './file-codec.ts'
import type { IngestPosition } from './ingest/ingest-reader.ts'
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
  /** Stored size of its files, those that it shares with other checkpoints included. */
  readonly bytes: number
  /** Of these what was stored for it, and is in no checkpoint that was kept before. Absent: all of it. */
  readonly bytesNew?: number
  readonly manifest: FileName
  /** Folders that hold its files: its own, and those of subtasks that had finished before it. */
  readonly folders: readonly string[]
  /** Folders of the segments of state that it is made of, which it may share with others. Absent: none. */
  readonly segments?: readonly string[]
  /** Set where its attempt was to end with it. */
  readonly ending: AttemptEnding | null
  /** Sinks that prepared output for it, to be committed once it exists. */
  readonly outputs: readonly string[]
  /** Where it goes on reading in the log of each endpoint that takes records over HTTP. Absent: it read none. */
  readonly ingested?: { readonly [endpoint: string]: IngestPosition }
}

export type AttemptEnding = 'SUSPENDED' | 'STOPPED' | 'DRAINED' | 'FINISHED'

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
  /** Made at random with the first entry: names the job for its whole life, and no other. */
  readonly lineage: string
  /** The newest attempt that has claimed the job; 0 before the first. */
  readonly attempt: number
  /** The most subtasks that a chain of the job had in any attempt. */
  readonly subtasksMax: number
  /** Checkpoint ids up to this one are used, or may be: a new attempt begins above. */
  readonly checkpointsUsedTo: number
  /** Those whose files are kept, oldest first. */
  readonly checkpoints: readonly LoggedCheckpoint[]
  /** The newest start that ignored what was there, or all but one: no other checkpoint from before it is restored from. */
  readonly afresh: FreshStart | null
  /** What sinks prepared for checkpoints up to this one is committed, all of it; 0: nothing is. */
  readonly committedTo: number
  /** For each sink the newest checkpoint for which it prepared output: that may be committed, whether the log says so or not. */
  readonly outputs: { readonly [sink: string]: number }
}

export interface FreshStart {
  /** Who asked for it. The same asking again, after the loss of a process, goes on instead. */
  readonly id: string
  /** Its first attempt. */
  readonly attempt: number
  /** The checkpoint from before it that it began with; absent: none. */
  readonly from?: number
}

export type LogEvent =
  /** The attempt is from now on the only one that may write. */
  | { readonly kind: 'claim' }
  /** The checkpoint, the last one of the state, exists from now on. */
  | { readonly kind: 'checkpoint' }
  /** All that sinks prepared for it is committed. */
  | { readonly kind: 'committed'; readonly checkpoint: number }
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

export const emptyLog: LogState = {
  lineage: '',
  attempt: 0,
  subtasksMax: 0,
  checkpointsUsedTo: 0,
  checkpoints: [],
  afresh: null,
  committedTo: 0,
  outputs: {},
}

/** What may be restored from, newest first. */
export function restorable({ checkpoints, afresh }: LogState): LoggedCheckpoint[] {
  if (afresh === null) return checkpoints.toReversed()
  return checkpoints
    .filter(({ attempt, checkpoint }) => attempt >= afresh.attempt || checkpoint === afresh.from)
    .reverse()
}

/** Sinks that a restart from the checkpoint would have write again what they may have committed since, exactly once. */
export function repeatingSinks({ outputs }: LogState, { checkpoint }: LoggedCheckpoint): string[] {
  return Object.keys(outputs).filter((sink) => outputs[sink] > checkpoint)
}

/** Whether sinks prepared output for the checkpoint of which the log does not say that it is committed. */
export function isUncommitted({ committedTo }: LogState, { checkpoint, outputs }: LoggedCheckpoint): boolean {
  return outputs.length > 0 && checkpoint > committedTo
}

export async function encodeEntry(entry: LogEntry): Promise<Uint8Array> {
  return (await encodeFile('entry', Buffer.from(JSON.stringify(entry)))).bytes
}

/** @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT */
export async function decodeEntry(bytes: Uint8Array, place: FilePlace): Promise<LogEntry> {
  const entry = JSON.parse(Buffer.from(await decodeFile('entry', bytes, place)).toString()) as LogEntry
  if (entryPath(entry.number) === place.path) return { ...entry, state: completed(entry.state) }
  throw new LightflusError(
    'LF_CHECKPOINT_DAMAGED',
    `${place.path} in ${place.location} is damaged: it holds entry ${entry.number}.`,
  )
}

/** Entries from before sinks took part in checkpoints say nothing of it: then none did. */
function completed(state: Partial<LogState>): LogState {
  const checkpoints = (state.checkpoints ?? []).map((each) => ({
    ...each,
    ending: each.ending ?? null,
    outputs: each.outputs ?? [],
  }))
  return { ...emptyLog, ...state, checkpoints }
}
