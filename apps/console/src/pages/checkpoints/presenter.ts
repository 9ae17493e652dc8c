import type { DeploymentState, Job, RouteOutput } from '@lightflus/contracts'
import { formatBytes } from '../../format/numbers.ts'
import { formatAgo, formatDateTime, formatSpan } from '../../format/times.ts'

type Checkpoint = RouteOutput<'listCheckpoints'>['items'][number]

export interface CheckpointRow {
  readonly number: number
  readonly isSavepoint: boolean
  readonly made: string
  readonly madeTitle: string
  readonly took: string
  readonly size: string
  readonly attempt: number
}

/** @param checkpoints newest first. */
export function presentCheckpoints(checkpoints: readonly Checkpoint[], now: number): readonly CheckpointRow[] {
  return checkpoints.map(({ checkpoint, kind, completedAt, durationMs, bytes, attempt }) => ({
    number: checkpoint,
    isSavepoint: kind === 'savepoint',
    made: formatAgo(completedAt, now),
    madeTitle: formatDateTime(completedAt),
    took: formatSpan(durationMs),
    size: formatBytes(bytes),
    attempt,
  }))
}

const running: readonly DeploymentState[] = ['STARTING', 'RUNNING', 'RESTARTING']

/** `pending`: one was asked for and is not there yet. `impossible`: the job does not run. */
export function savepointAction(job: Job): 'possible' | 'pending' | 'impossible' {
  const status = job.deployment?.status
  if (!status || !running.includes(status.state)) return 'impossible'
  return status.savepointPending ? 'pending' : 'possible'
}
