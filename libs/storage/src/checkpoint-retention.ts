import type { CheckpointStorage } from './checkpoint-storage.ts'
import type { LoggedCheckpoint, LogState } from './log-entry.ts'
import { checkpointsPrefix, folderOf, segmentOf, type CheckpointFolder } from './storage-layout.ts'

/** How many are kept, each at least 1. */
export interface Keeping {
  readonly checkpointsKept: number
  readonly savepointsKept: number
}

/** The checkpoints whose files stay, of all that were kept so far. */
export function retained({ checkpoints, afresh }: LogState, keeping: Keeping): LoggedCheckpoint[] {
  const newest = (kind: LoggedCheckpoint['kind'], count: number): LoggedCheckpoint[] =>
    checkpoints.filter((each) => each.kind === kind).slice(-count)
  const kept = new Set([
    ...newest('checkpoint', keeping.checkpointsKept),
    ...newest('savepoint', keeping.savepointsKept),
  ])
  // What the present start began with stays until there are as many as are kept to go back to.
  const own = checkpoints.filter(({ attempt }) => attempt >= (afresh?.attempt ?? 0))
  const from = own.length < keeping.checkpointsKept ? afresh?.from : undefined
  return checkpoints.filter((each) => kept.has(each) || each.checkpoint === from)
}

/**
 * Tells of a file whether it may go, as the holder of the newest claim judges it by an entry of its own: it belongs to a checkpoint, or
 * is part of a segment, and none that is kept names it nor will.
 *
 * A segment outlives the checkpoint that it was stored for as long as any other names it. One that was stored for a
 * checkpoint before the newest, and that the newest does not name, is named by none to come: what an operator has left out
 * of its snapshot once it never takes back (the engine's `StateSegment`), and a later attempt goes on from one that is kept.
 */
export function garbageOf(state: LogState): (path: string) => boolean {
  const folders = new Set(state.checkpoints.flatMap((each) => each.folders))
  const segments = new Set(state.checkpoints.flatMap((each) => each.segments ?? []))
  const isLeft = (folder: CheckpointFolder | undefined, kept: ReadonlySet<string>): boolean =>
    folder !== undefined && !kept.has(folder.folder) && isPast(folder, state)
  return (path) => isLeft(folderOf(path), folders) || isLeft(segmentOf(path), segments)
}

/** Files of the attempt itself may belong to a checkpoint under way; those of a newer one are not its own to judge. */
function isPast({ attempt, checkpoint }: CheckpointFolder, state: LogState): boolean {
  if (attempt !== state.attempt) return attempt < state.attempt
  const newest = state.checkpoints.at(-1)?.checkpoint ?? 0
  return checkpoint !== 'finished' && checkpoint < newest
}

/** Deletes what may go, by an entry of the holder's. @throws what the storage throws */
export async function deleteGarbage(storage: CheckpointStorage, state: LogState): Promise<void> {
  const isDue = garbageOf(state)
  for (const path of await storage.list(checkpointsPrefix)) if (isDue(path)) await storage.delete(path)
}
