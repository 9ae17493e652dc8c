/** Where the files of a job lie in its checkpoint storage. Numbers are padded, so paths sort as numbers do. */
export const logPrefix = 'log/'
export const checkpointsPrefix = 'checkpoints/'
/** Below that of checkpoints, so that one listing tells of both. */
const segmentsPrefix = `${checkpointsPrefix}segments/`

const digits = 10
const padded = (number: number): string => String(number).padStart(digits, '0')

export function entryPath(number: number): string {
  return `${logPrefix}${padded(number)}`
}

/** The entry's number, or undefined for a path that is no entry's. */
export function entryNumber(path: string): number | undefined {
  const match = /^log\/(\d{10})$/.exec(path)
  return match ? Number(match[1]) : undefined
}

/** Folder of a checkpoint's files, or of the snapshots that subtasks of the attempt left when they finished. */
export function checkpointFolder(attempt: number, checkpoint: number | 'finished'): string {
  return `${checkpointsPrefix}${checkpoint === 'finished' ? checkpoint : padded(checkpoint)}-${attempt}/`
}

export interface CheckpointFolder {
  readonly folder: string
  readonly attempt: number
  readonly checkpoint: number | 'finished'
}

/** The folder that a file of a checkpoint lies in, or undefined for a path that is none's. */
export function folderOf(path: string): CheckpointFolder | undefined {
  return matched(/^checkpoints\/(finished|\d{10})-(\d+)\//.exec(path))
}

/**
 * Folder of the parts of a segment of state. It is named by the checkpoint that it was first stored for, but checkpoints
 * after that one name it as well. @param name unique among the segments of that checkpoint
 */
export function segmentFolder(attempt: number, checkpoint: number | 'finished', name: string): string {
  return `${segmentsPrefix}${checkpoint === 'finished' ? checkpoint : padded(checkpoint)}-${attempt}/${name}/`
}

/** The folder of the segment that a file is a part of, or undefined for a path that is none's. */
export function segmentOf(path: string): CheckpointFolder | undefined {
  return matched(/^checkpoints\/segments\/(finished|\d{10})-(\d+)\/[^/]+\//.exec(path))
}

function matched(match: RegExpExecArray | null): CheckpointFolder | undefined {
  if (!match) return undefined
  const checkpoint = match[1] === 'finished' ? match[1] : Number(match[1])
  return { folder: match[0], attempt: Number(match[2]), checkpoint }
}
