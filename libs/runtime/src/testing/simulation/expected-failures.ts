import { isLightflusError } from '@lightflus/api'
import { Fenced, TargetFailed } from './sim-target.ts'
import { Violation } from './world.ts'

const kinds = [Fenced, TargetFailed, Violation]
const codes = new Set([
  'LF_ATTEMPT_FENCED',
  'LF_STORAGE_FAILED',
  'LF_CHECKPOINT_EXPIRED',
  'LF_CHECKPOINT_FAILED',
  'LF_CHECKPOINT_DAMAGED',
  'LF_RESTORE_REPEATS',
  'LF_RESTORE_UNKNOWN',
  'LF_SINK_COMMIT_LOST',
])
/** Of a job over several workers. */
const codesBetweenWorkers = new Set(['LF_PEER_LOST', 'LF_SLOT_START', 'LF_SLOT_CRASHED', 'LF_CONNECTION_LOST'])

/** What an attempt went through that lets it fail in more ways. */
export interface Excuses {
  readonly hasSeveralWorkers: boolean
  /** A slot was not told of a checkpoint, or a record between workers was lost. */
  readonly hasLostMessages: boolean
  /** The state is a later version's. */
  readonly isOutdated: boolean
}

/** Whether an attempt may fail so, in a world as this: by an error of these kinds, or one that says of itself all there is. */
export function isExpected(thrown: unknown, excuses: Excuses): boolean {
  let error = thrown
  while (error instanceof Error && error.cause !== undefined) error = error.cause
  if (kinds.some((kind) => error instanceof kind)) return true
  if (!isLightflusError(error)) return false
  const { code } = error
  if (codes.has(code)) return true
  if (excuses.hasSeveralWorkers && codesBetweenWorkers.has(code)) return true
  if (excuses.hasLostMessages && code === 'LF_EXCHANGE_PROTOCOL') return true
  return excuses.isOutdated && code === 'LF_RESTORE_MISMATCH'
}
