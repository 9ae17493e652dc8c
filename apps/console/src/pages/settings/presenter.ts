import type { Job } from '@lightflus/contracts'
import { formatExact } from '../../format/numbers.ts'
import { formatAgo, formatDateTime, formatSpan } from '../../format/times.ts'

type Spec = NonNullable<Job['deployment']>['spec']
type Status = NonNullable<Job['deployment']>['status']

export interface SettingsView {
  readonly wanted: readonly { readonly label: string; readonly value: string; readonly title?: string }[]
  readonly observed: readonly { readonly label: string; readonly value: string; readonly title?: string }[]
  /** The spec has changed, and no report has acted on it yet. */
  readonly pending: boolean
}

const placements = {
  shared: 'shared with the tenant’s other small jobs',
  dedicated: 'a worker of its own',
} as const

function workersText({ workers, exchange, placement }: Spec): string {
  if (workers === 1) return placements[placement]
  return `${workers}, exchanging records by ${exchange === null ? 'the platform’s Kafka' : `connection ${exchange}`}`
}

/** How many of several workers run, and what keeps the others. */
function observedText({ workers }: Spec, { workers: placed }: Status): string {
  const running = placed.filter(({ state, error }) => state === 'running' && error === null)
  const failed = placed.flatMap(({ number, error }) => (error ? [`worker ${number}: ${error.message}`] : []))
  return [`${running.length} of ${workers} running`, ...failed].join('; ')
}

/** What is wanted of the deployment, and what was last observed; null: never deployed. */
export function presentSettings(job: Job, now: number): SettingsView | null {
  if (!job.deployment) return null
  const { spec, status, createdAt, id } = job.deployment
  const checkpoint = status.lastCheckpoint
  return {
    pending: status.observedGeneration < spec.generation,
    wanted: [
      { label: 'To be', value: spec.desired },
      { label: 'Version', value: String(spec.version) },
      { label: 'Parallelism', value: `${spec.parallelism} ${spec.parallelism === 1 ? 'slot' : 'slots'}` },
      { label: 'Checkpoint interval', value: formatSpan(spec.checkpointIntervalMs) },
      { label: spec.workers === 1 ? 'Worker' : 'Workers', value: workersText(spec) },
    ],
    observed: [
      { label: 'State', value: status.sentence },
      {
        label: 'Since',
        value: formatAgo(Date.parse(status.since), now),
        title: formatDateTime(Date.parse(status.since)),
      },
      {
        label: 'Attempt',
        value: `${status.attempt}, after ${status.restarts} ${status.restarts === 1 ? 'restart' : 'restarts'}`,
      },
      {
        label: checkpoint?.kind === 'savepoint' ? 'Newest savepoint' : 'Newest checkpoint',
        value: checkpoint
          ? `${formatExact(checkpoint.checkpoint)}, ${formatAgo(checkpoint.completedAt, now)}`
          : 'none yet',
        title: checkpoint?.location,
      },
      ...(status.workers.length > 0 ? [{ label: 'Workers', value: observedText(spec, status) }] : []),
      { label: 'Deployed', value: formatDateTime(Date.parse(createdAt)) },
      { label: 'Deployment', value: id },
    ],
  }
}
