import type { Job as JobView, JobMetrics, OperatorFigures } from '@lightflus/contracts'
import { Counter, Gauge, Registry } from 'prom-client'

/** One job as it is told to Prometheus. */
export interface MeasuredJob {
  readonly job: JobView
  readonly metrics: JobMetrics
  /** How long the sinks' commits of the newest checkpoint took that is committed; null where there is none. */
  readonly commitMs: number | null
}

type OfJob = (measured: MeasuredJob) => number | null | undefined
type OfOperator = (figures: OperatorFigures) => number | null

const seconds = (ms: number | null | undefined): number | null => (ms === null || ms === undefined ? null : ms / 1_000)
const statusOf = ({ job }: MeasuredJob) => job.deployment?.status
const checkpointOf = (measured: MeasuredJob) => statusOf(measured)?.lastCheckpoint

/** Names with their units, as https://prometheus.io/docs/practices/naming/ has them. What a job has no figure for is left out. */
const jobGauges: readonly (readonly [name: string, help: string, of: OfJob])[] = [
  ['lightflus_job_running', '1 while the job runs, else 0', (m) => Number(statusOf(m)?.state === 'RUNNING')],
  [
    'lightflus_job_records_in_per_second',
    'Records that all sources read per second; only while it runs',
    ({ job }) => job.rates?.in,
  ],
  [
    'lightflus_job_records_out_per_second',
    'Records that all sinks take per second; only while it runs',
    ({ job }) => job.rates?.out,
  ],
  [
    'lightflus_job_lag_records',
    'Records behind the end of the sources, where they can tell; only while it runs',
    ({ metrics }) => metrics.lagRecords,
  ],
  [
    'lightflus_job_watermark_lag_seconds',
    'How far the watermark that is furthest behind is behind the clock; only while it runs',
    ({ metrics }) => seconds(metrics.watermarkLagMs),
  ],
  [
    'lightflus_checkpoint_interval_seconds',
    'Time between two checkpoints, as the deployment asks for it',
    ({ job }) => seconds(job.deployment?.spec.checkpointIntervalMs),
  ],
  [
    'lightflus_checkpoint_last_success_timestamp_seconds',
    'When the newest checkpoint came to exist: its age is time() less this',
    (m) => seconds(checkpointOf(m)?.completedAt),
  ],
  [
    'lightflus_checkpoint_duration_seconds',
    'From the first barrier of the newest checkpoint until it existed',
    (m) => seconds(checkpointOf(m)?.durationMs),
  ],
  ['lightflus_checkpoint_size_bytes', 'Stored size of the newest checkpoint', (m) => checkpointOf(m)?.bytes],
  [
    'lightflus_checkpoint_alignment_seconds',
    'Longest time from the first to the last barrier at one subtask, in the newest checkpoint',
    (m) => seconds(checkpointOf(m)?.alignmentMs),
  ],
  [
    'lightflus_checkpoint_pause_seconds',
    'Longest time that one subtask stood still for its snapshot, in the newest checkpoint',
    (m) => seconds(checkpointOf(m)?.pauseMs),
  ],
  [
    'lightflus_checkpoint_commit_seconds',
    'How long sinks took to commit the output of the newest checkpoint that is committed',
    ({ commitMs }) => seconds(commitMs),
  ],
]

const jobCounters: readonly (readonly [name: string, help: string, of: OfJob])[] = [
  [
    'lightflus_job_restarts_total',
    'Attempts of the deployment that followed a failed one',
    (m) => statusOf(m)?.restarts,
  ],
  [
    'lightflus_checkpoints_completed_total',
    'Checkpoints and savepoints of the deployment that came to exist',
    (m) => statusOf(m)?.checkpointCounts.completed,
  ],
  [
    'lightflus_checkpoints_failed_total',
    'Checkpoints and savepoints of the deployment that were given up',
    (m) => statusOf(m)?.checkpointCounts.failed,
  ],
]

const operatorGauges: readonly (readonly [name: string, help: string, of: OfOperator])[] = [
  ['lightflus_operator_state_entries', 'Rows of keyed state', (o) => o.stateEntries],
  ['lightflus_operator_state_bytes', 'About what the keyed state weighs in memory', (o) => o.stateBytes],
  ['lightflus_operator_lag_records', 'Records behind the end of the source, where it can tell', (o) => o.lag],
  [
    'lightflus_operator_watermark_timestamp_seconds',
    'Event time up to which the operator has all records',
    (o) => seconds(o.watermark),
  ],
]

const operatorCounters: readonly (readonly [name: string, help: string, of: OfOperator])[] = [
  ['lightflus_operator_records_in_total', 'Records that came in, since the attempt began', (o) => o.recordsIn],
  ['lightflus_operator_records_out_total', 'Records that went out, since the attempt began', (o) => o.recordsOut],
  ['lightflus_operator_bytes_in_total', 'Bytes that a source read, since the attempt began', (o) => o.bytesIn],
  ['lightflus_operator_bytes_out_total', 'Bytes that a sink wrote, since the attempt began', (o) => o.bytesOut],
  [
    'lightflus_operator_records_skipped_total',
    'Records left out because they failed, since the attempt began',
    (o) => o.recordsSkipped,
  ],
  [
    'lightflus_operator_records_late_total',
    'Records dropped because they came too late, since the attempt began',
    (o) => o.recordsLate,
  ],
]

/** These jobs in Prometheus' text form. */
export async function jobMetricsText(jobs: readonly MeasuredJob[]): Promise<{ type: string; text: string }> {
  const registry = new Registry()
  const registers = [registry]
  for (const [name, help, of] of jobGauges) {
    const gauge = new Gauge({ name, help, labelNames: ['job'], registers })
    for (const each of jobs) whereKnown(of(each), (value) => gauge.set({ job: each.job.name }, value))
  }
  for (const [name, help, of] of jobCounters) {
    const counter = new Counter({ name, help, labelNames: ['job'], registers })
    for (const each of jobs) whereKnown(of(each), (value) => counter.inc({ job: each.job.name }, value))
  }
  const operators = jobs.flatMap(({ job, metrics }) => metrics.operators.map((figures) => ({ job: job.name, figures })))
  for (const [name, help, of] of operatorGauges) {
    const gauge = new Gauge({ name, help, labelNames: ['job', 'operator'], registers })
    for (const { job, figures } of operators)
      whereKnown(of(figures), (value) => gauge.set({ job, operator: figures.operator }, value))
  }
  for (const [name, help, of] of operatorCounters) {
    const counter = new Counter({ name, help, labelNames: ['job', 'operator'], registers })
    for (const { job, figures } of operators)
      whereKnown(of(figures), (value) => counter.inc({ job, operator: figures.operator }, value))
  }
  return { type: registry.contentType, text: await registry.metrics() }
}

function whereKnown(value: number | null | undefined, tell: (value: number) => void): void {
  if (value !== null && value !== undefined) tell(value)
}
