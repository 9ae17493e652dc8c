import { deploymentStateFacts, type DeploymentState, type Job } from '@lightflus/contracts'
import type { JobList } from '../../api/queries.ts'
import { formatExact, formatRate } from '../../format/numbers.ts'
import { formatAgo, formatDateTime } from '../../format/times.ts'

export const jobGroups = ['active', 'attention', 'paused', 'ended'] as const
export type JobGroup = (typeof jobGroups)[number]
export const jobOrders = ['name', 'rate', 'since'] as const
export type JobOrder = (typeof jobOrders)[number]

/** The list's filter, as it stands in the URL. */
export interface JobsSearch {
  readonly q?: string
  readonly show?: JobGroup
  readonly sort?: JobOrder
}

export interface JobRow {
  readonly name: string
  readonly state: DeploymentState | null
  readonly rateIn: string
  readonly rateOut: string
  readonly rateTitle: string
  /** Rates of the last two minutes, oldest first. */
  readonly course: readonly number[]
  readonly version: string
  readonly parallelism: string
  readonly since: string
  readonly sinceTitle: string
  /** Code and message, of a deployment that failed or keeps failing. */
  readonly error: { readonly code: string; readonly message: string } | null
}

export interface JobsView {
  readonly rows: readonly JobRow[]
  /** Of all jobs that match the text, by group. */
  readonly counts: Readonly<Record<JobGroup | 'all', number>>
  readonly summary: string
  /** True: the tenant has no job at all. */
  readonly empty: boolean
  /** Said when the list shows a part. */
  readonly limit: string | null
}

/** Which of the list's groups a job is in; a job without a deployment is paused. */
export function groupOf(state: DeploymentState | null): JobGroup {
  if (state === null || state === 'SUSPENDED') return 'paused'
  const { tone, terminal } = deploymentStateFacts[state]
  if (tone === 'bad' || tone === 'warning') return 'attention'
  return terminal ? 'ended' : 'active'
}

const stateOf = (job: Job): DeploymentState | null => job.deployment?.status.state ?? null
const rateOf = (job: Job): number => job.rates?.in ?? -1
const sinceOf = (job: Job): number => Date.parse(job.deployment?.status.since ?? job.createdAt)

const comparisons: Readonly<Record<JobOrder, (a: Job, b: Job) => number>> = {
  name: (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }),
  rate: (a, b) => rateOf(b) - rateOf(a),
  since: (a, b) => sinceOf(b) - sinceOf(a),
}

export function presentJobs(list: JobList, search: JobsSearch, now: number): JobsView {
  const wanted = (search.q ?? '').trim().toLowerCase()
  const matching = list.jobs.filter((job) => job.name.includes(wanted))
  const counts = { all: matching.length, active: 0, attention: 0, paused: 0, ended: 0 }
  for (const job of matching) counts[groupOf(stateOf(job))] += 1
  const shown = matching
    .filter((job) => search.show === undefined || groupOf(stateOf(job)) === search.show)
    .toSorted((a, b) => comparisons[search.sort ?? 'name'](a, b) || comparisons.name(a, b))
  return {
    rows: shown.map((job) => presentRow(job, list.history.get(job.name) ?? [], now)),
    counts,
    summary: summaryOf(list.jobs),
    empty: list.jobs.length === 0,
    limit: list.complete
      ? null
      : `The first ${formatExact(list.jobs.length)} jobs are listed; the filter looks at these.`,
  }
}

function summaryOf(jobs: readonly Job[]): string {
  const running = jobs.filter((job) => stateOf(job) === 'RUNNING')
  const rate = running.reduce((sum, job) => sum + (job.rates?.in ?? 0), 0)
  const noun = jobs.length === 1 ? 'job' : 'jobs'
  return `${formatExact(jobs.length)} ${noun}, ${running.length} running, ${formatRate(rate)} read in all`
}

function presentRow(job: Job, course: readonly number[], now: number): JobRow {
  const deployment = job.deployment
  const error = deployment?.status.error
  return {
    name: job.name,
    state: stateOf(job),
    rateIn: formatRate(job.rates?.in),
    rateOut: formatRate(job.rates?.out),
    rateTitle: job.rates
      ? `${formatExact(Math.round(job.rates.in))} records read, ${formatExact(Math.round(job.rates.out))} written per second`
      : 'Not running',
    course,
    version: deployment ? `v${deployment.spec.version}` : job.latestVersion ? `v${job.latestVersion}` : '–',
    parallelism: deployment ? `×${deployment.spec.parallelism}` : '–',
    since: formatAgo(sinceOf(job), now),
    sinceTitle: `Since ${formatDateTime(sinceOf(job))}`,
    error: error ? { code: error.code, message: error.message } : null,
  }
}
