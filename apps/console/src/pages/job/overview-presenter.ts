import type { Job, Version } from '@lightflus/contracts'
import type { ChartSeries } from '../../components/chart/series-chart.tsx'
import type { FigureFact } from '../../components/facts.tsx'
import { mainRate, watermarkLagMs, type Graph } from '../../components/graph/presenter.ts'
import { formatBytes, formatCount, formatExact, formatRate } from '../../format/numbers.ts'
import { formatAgo, formatDateTime, formatSpan } from '../../format/times.ts'
import type { MetricsSample } from '../../live/live-state.ts'

type Sample = MetricsSample['operators'][number]

/** A watermark further behind than this deserves a look. */
const lagNotableMs = 60_000

export interface OverviewInput {
  readonly job: Job
  readonly graph: Graph | undefined
  readonly samples: readonly MetricsSample[]
  readonly now: number
}

export interface OverviewView {
  readonly figures: readonly FigureFact[]
  readonly throughput: { readonly at: readonly number[]; readonly series: readonly ChartSeries[] }
}

export function presentOverview(input: OverviewInput): OverviewView {
  const kinds = new Map((input.graph?.operators ?? []).map(({ id, kind }) => [id, kind]))
  const newest = input.job.deployment?.status.state === 'RUNNING' ? input.samples.at(-1) : undefined
  // Of a job that has not run since the page was opened, there is nothing to draw but zeros.
  const samples = input.samples.some(({ state }) => state === 'RUNNING') ? input.samples : []
  return {
    figures: figuresOf(input, newest, kinds),
    throughput: {
      at: samples.map(({ at }) => at),
      series: [
        {
          label: 'Read',
          color: '--lf-series-in',
          values: samples.map((sample) => total(sample, kinds, 'source')),
        },
        {
          label: 'Written',
          color: '--lf-series-out',
          values: samples.map((sample) => total(sample, kinds, 'sink')),
        },
      ],
    },
  }
}

type Kinds = ReadonlyMap<string, string>

function total(sample: MetricsSample, kinds: Kinds, kind: 'source' | 'sink'): number {
  return of(sample, kinds, kind).reduce((sum, operator) => sum + mainRate(kind, operator), 0)
}

const of = (sample: MetricsSample, kinds: Kinds, kind: string): readonly Sample[] =>
  sample.operators.filter(({ operator }) => kinds.get(operator) === kind)

function figuresOf({ job, now }: OverviewInput, newest: MetricsSample | undefined, kinds: Kinds): FigureFact[] {
  const sum = (pick: (sample: Sample) => number): number =>
    (newest?.operators ?? []).reduce((all, sample) => all + pick(sample), 0)
  const sources = newest ? of(newest, kinds, 'source') : []
  const sinks = newest ? of(newest, kinds, 'sink') : []
  const lags = (newest?.operators ?? []).flatMap(({ watermark }) => watermarkLagMs(watermark, newest?.at ?? 0) ?? [])
  const behind = sources.flatMap(({ lag }) => lag ?? [])
  const watermarkLag = lags.length === 0 ? null : Math.max(...lags)
  const late = sum(({ recordsLate }) => recordsLate)
  const skipped = sum(({ recordsSkipped }) => recordsSkipped)
  const ahead = sum(({ recordsAhead }) => recordsAhead)
  return [
    {
      label: 'Read',
      value: formatRate(newest ? total(newest, kinds, 'source') : null),
      note: newest
        ? `${formatCount(sources.reduce((all, each) => all + (each.recordsIn || each.recordsOut), 0))} in this attempt`
        : 'not running',
    },
    {
      label: 'Written',
      value: formatRate(newest ? total(newest, kinds, 'sink') : null),
      note: newest
        ? `${formatCount(sinks.reduce((all, each) => all + (each.recordsOut || each.recordsIn), 0))} in this attempt`
        : 'not running',
    },
    {
      label: 'Watermark lag',
      value: watermarkLag === null ? '–' : formatSpan(watermarkLag),
      note: 'event time behind now',
      title: 'The furthest that any operator’s event time is behind the present',
      ...(watermarkLag !== null && watermarkLag > lagNotableMs ? { tone: 'warning' as const } : {}),
    },
    {
      label: 'Behind the source',
      value: behind.length === 0 ? '–' : formatCount(behind.reduce((all, lag) => all + lag, 0)),
      note: behind.length === 0 ? 'not known of this source' : 'records not yet read',
    },
    {
      label: 'Late, skipped',
      value: newest ? `${formatCount(late)}, ${formatCount(skipped)}` : '–',
      note: 'records not counted in',
      title:
        `${formatExact(late)} records came after their window had closed, ${formatExact(skipped)} could not be used, ` +
        `${formatExact(ahead)} are too far ahead of the clock to move the watermark`,
      ...(late + skipped + ahead > 0 ? { tone: 'warning' as const } : {}),
    },
    checkpointFigure(job, now),
    attemptFigure(job, now),
  ]
}

function checkpointFigure(job: Job, now: number): FigureFact {
  const checkpoint = job.deployment?.status.lastCheckpoint
  if (!checkpoint) return { label: 'Checkpoint', value: '–', note: 'none yet' }
  const { failed } = job.deployment!.status.checkpointCounts
  return {
    label: checkpoint.kind === 'savepoint' ? 'Savepoint' : 'Checkpoint',
    value: formatAgo(checkpoint.completedAt, now),
    note: `${formatBytes(checkpoint.bytes)} in ${formatSpan(checkpoint.durationMs)}${failed === 0 ? '' : `, ${formatCount(failed)} failed`}`,
    title: `Number ${checkpoint.checkpoint}, ${formatDateTime(checkpoint.completedAt)}`,
  }
}

function attemptFigure(job: Job, now: number): FigureFact {
  const deployment = job.deployment
  if (!deployment) return { label: 'Attempt', value: '–', note: 'never deployed' }
  const { attempt, restarts, since } = deployment.status
  return {
    label: 'Attempt',
    value: `${attempt}`,
    note: `${restarts === 0 ? 'no restart' : `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`}, ${formatAgo(Date.parse(since), now)}`,
    title: `In this state since ${formatDateTime(Date.parse(since))}; slots: ${deployment.spec.parallelism}`,
    ...(restarts > 0 ? { tone: 'warning' as const } : {}),
  }
}

type StatusError = NonNullable<NonNullable<Job['deployment']>['status']['error']>

export interface FailureView {
  readonly code: string
  readonly message: string
  readonly nextStep: string
  readonly cause: string | null
  /** What is known of where it happened, beside the message. */
  readonly facts: readonly (readonly [string, string])[]
  /** The line of the program, with those around it; null where none is known. */
  readonly source: { readonly line: number; readonly from: number; readonly lines: readonly string[] } | null
}

const contextLines = 2
const shownElsewhere = new Set(['job', 'line', 'column', 'file'])

export function presentFailure(error: StatusError, program: Version['program'] | undefined): FailureView {
  const line = lineOf(error, program?.fileName)
  const all = program?.text.split('\n') ?? []
  const from = line === null ? 0 : Math.max(1, line - contextLines)
  return {
    code: error.code,
    message: error.message,
    nextStep: error.nextStep,
    cause:
      error.cause && !error.message.includes(error.cause.message)
        ? `${error.cause.name}: ${error.cause.message}`
        : null,
    facts: Object.entries(error.details).flatMap(([name, value]) =>
      shownElsewhere.has(name) || value === null || value === undefined
        ? []
        : [[name, String(value).replace(`${name} `, '')] as const],
    ),
    source: line === null || line > all.length ? null : { line, from, lines: all.slice(from - 1, line + contextLines) },
  }
}

/** The line in the program that an error names: as a fact, or in its words or its stack. */
export function lineOf(error: StatusError, fileName: string | undefined): number | null {
  const fact: unknown = error.details.line
  if (typeof fact === 'number' && fact > 0) return fact
  if (fileName === undefined) return null
  const place = new RegExp(`${fileName.replace(/[.]/g, '\\.')}:(\\d+)`)
  const match = place.exec(error.message) ?? place.exec(error.cause?.stack ?? '')
  return match ? Number(match[1]) : null
}

export interface OperatorDetail {
  readonly facts: readonly (readonly [string, string])[]
  readonly options: readonly (readonly [string, string])[]
}

/** Everything that is known of one operator. */
export function presentOperatorDetail(
  graph: Graph,
  id: string,
  sample: MetricsSample | undefined,
): OperatorDetail | null {
  const operator = graph.operators.find((each) => each.id === id)
  if (!operator) return null
  const now = sample?.operators.find((each) => each.operator === id)
  return {
    facts: [
      ['Kind', operator.kind],
      ...(operator.connector ? [['Connector', operator.connector] as const] : []),
      ...(operator.connection ? [['Connection', operator.connection] as const] : []),
      [
        'Name',
        operator.named ? 'given by the program' : 'made from its position: state cannot follow it to another version',
      ],
      ...(now ? measured(now, sample?.at ?? 0) : []),
    ],
    options: flatten(operator.options),
  }
}

function measured(now: Sample, at: number): (readonly [string, string])[] {
  const lag = watermarkLagMs(now.watermark, at)
  return [
    ['In', `${formatRate(now.recordsInPerSecond)}, ${formatExact(now.recordsIn)} in all`],
    ['Out', `${formatRate(now.recordsOutPerSecond)}, ${formatExact(now.recordsOut)} in all`],
    ['Bytes', `${formatBytes(now.bytesIn)} in, ${formatBytes(now.bytesOut)} out`],
    ['Late, skipped', `${formatExact(now.recordsLate)}, ${formatExact(now.recordsSkipped)}`],
    ...(now.stateEntries === 0 && now.stateBytes === 0
      ? []
      : [['State', `${formatExact(now.stateEntries)} rows, about ${formatBytes(now.stateBytes)}`] as const]),
    ...(now.recordsPlain === 0 ? [] : [['Decoded whole', `${formatExact(now.recordsPlain)} records`] as const]),
    ...(now.recordsAhead === 0 ? [] : [['Ahead of the clock', formatExact(now.recordsAhead)] as const]),
    [
      'Watermark',
      now.watermark === null || lag === null
        ? 'none yet'
        : `${formatDateTime(now.watermark)}, ${formatSpan(lag)} behind`,
    ],
    ...(now.lag === null ? [] : [['Behind the source', `${formatExact(now.lag)} records`] as const]),
  ]
}

/** Nested options, one line each: `windower.sizeMs` → `1 min`. */
function flatten(options: Readonly<Record<string, unknown>>, path = ''): (readonly [string, string])[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const at = `${path}${name}`
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return flatten(value as Record<string, unknown>, `${at}.`)
    if (name.endsWith('Ms') && typeof value === 'number') return [[at, formatSpan(value)] as const]
    return [[at, Array.isArray(value) ? value.join(', ') : value === null ? 'none' : String(value)] as const]
  })
}
