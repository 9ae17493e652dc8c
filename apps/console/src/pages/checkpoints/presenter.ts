import type { DeploymentState, Job, RouteOutput } from '@lightflus/contracts'
import { formatBytes, formatExact } from '../../format/numbers.ts'
import { formatAgo, formatDateTime, formatSpan } from '../../format/times.ts'

type Checkpoint = RouteOutput<'listCheckpoints'>['items'][number]

export interface CheckpointRow {
  readonly number: number
  readonly isSavepoint: boolean
  readonly made: string
  readonly madeTitle: string
  readonly took: string
  readonly aligned: string
  readonly paused: string
  readonly committed: string
  readonly size: string
  readonly attempt: number
}

/** @param checkpoints newest first. */
export function presentCheckpoints(checkpoints: readonly Checkpoint[], now: number): readonly CheckpointRow[] {
  return checkpoints.map(({ checkpoint, kind, completedAt, durationMs, bytes, attempt, ...costs }) => ({
    number: checkpoint,
    isSavepoint: kind === 'savepoint',
    made: formatAgo(completedAt, now),
    madeTitle: formatDateTime(completedAt),
    took: formatSpan(durationMs),
    aligned: spanOr(costs.alignmentMs),
    paused: spanOr(costs.pauseMs),
    committed: spanOr(costs.commitMs),
    size: formatBytes(bytes),
    attempt,
  }))
}

const spanOr = (ms: number | null): string => (ms === null ? '–' : formatSpan(ms))

/** What became of all of the deployment's; null as long as none has failed. */
export function presentCounts(job: Job, now: number): string | null {
  const counts = job.deployment?.status.checkpointCounts
  if (!counts || counts.failed === 0) return null
  const { completed, failed, lastFailure } = counts
  const last = lastFailure
    ? `, number ${lastFailure.checkpoint} ${formatAgo(lastFailure.at, now)}: ${lastFailure.reason}`
    : ''
  return `${formatExact(failed)} of ${formatExact(completed + failed)} failed${last}`
}

const running: readonly DeploymentState[] = ['STARTING', 'RUNNING', 'RESTARTING']

/** `pending`: one was asked for and is not there yet. `impossible`: the job does not run. */
export function savepointAction(job: Job): 'possible' | 'pending' | 'impossible' {
  const status = job.deployment?.status
  if (!status || !running.includes(status.state)) return 'impossible'
  return status.savepointPending ? 'pending' : 'possible'
}
