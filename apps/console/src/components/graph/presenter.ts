import { describeOperator, type Version } from '@lightflus/contracts'
import { formatCount, formatExact, formatRate } from '../../format/numbers.ts'
import { formatSpan } from '../../format/times.ts'
import type { MetricsSample } from '../../live/live-state.ts'

export type Graph = Version['graph']
export type OperatorRecord = Graph['operators'][number]
type OperatorSample = MetricsSample['operators'][number]

export interface OperatorView {
  readonly id: string
  readonly kind: string
  /** Where it reads from or writes to, or what it computes. */
  readonly subtitle: string
  /** The rate that says most: of a source what it reads, of a sink what it writes, else what leaves it. */
  readonly rate: string
  readonly rateTitle: string
  /** Watermark lag; null where there is none yet. */
  readonly watermarkLag: string | null
  /** What deserves a look: late, ahead of the clock, skipped. */
  readonly notes: readonly string[]
}

export interface EdgeView {
  readonly id: string
  readonly from: string
  readonly to: string
  /** How records get there, and which: by key, to all, of a side output; null where they simply go on. */
  readonly label: string | null
  readonly active: boolean
  /** Pixels; the busiest edge is the widest. */
  readonly width: number
}

export interface GraphView {
  readonly operators: readonly OperatorView[]
  readonly edges: readonly EdgeView[]
}

/** The graph with what its operators do now; without a sample, the graph alone. */
export function presentGraph(graph: Graph, sample: MetricsSample | undefined): GraphView {
  const samples = new Map((sample?.operators ?? []).map((operator) => [operator.operator, operator]))
  const flows = graph.edges.map(({ from }) => samples.get(from)?.recordsOutPerSecond ?? 0)
  const widest = Math.max(1, ...flows)
  return {
    operators: graph.operators.map((operator) => presentOperator(operator, samples.get(operator.id), sample?.at ?? 0)),
    edges: graph.edges.map((edge, index) => ({
      // Two operators may be joined by several edges: a side output beside the main one, a stream with itself.
      id: `${edge.from}→${edge.to} ${index}`,
      from: edge.from,
      to: edge.to,
      label: labelOf(edge),
      active: flows[index] > 0,
      width: 1.25 + 2 * (Math.log1p(flows[index]) / Math.log1p(widest)),
    })),
  }
}

const exchangeLabels = { forward: undefined, keyed: 'by key', broadcast: 'to all' } as const

function labelOf({ exchange, output }: Graph['edges'][number]): string | null {
  return [output, exchangeLabels[exchange]].filter((part) => part !== undefined).join(', ') || null
}

function presentOperator(operator: OperatorRecord, sample: OperatorSample | undefined, at: number): OperatorView {
  const late = sample?.recordsLate ?? 0
  const ahead = sample?.recordsAhead ?? 0
  const skipped = sample?.recordsSkipped ?? 0
  return {
    id: operator.id,
    kind: operator.kind,
    subtitle: subtitleOf(operator),
    rate: sample ? formatRate(mainRate(operator.kind, sample)) : '',
    rateTitle: sample
      ? `${formatRate(sample.recordsInPerSecond)} in, ${formatRate(sample.recordsOutPerSecond)} out; ${formatExact(sample.recordsIn)} in, ${formatExact(sample.recordsOut)} out in this attempt`
      : 'No measurement yet',
    watermarkLag: watermarkLagOf(sample, at),
    notes: [
      ...(late > 0 ? [`${formatCount(late)} late`] : []),
      ...(ahead > 0 ? [`${formatCount(ahead)} ahead`] : []),
      ...(skipped > 0 ? [`${formatCount(skipped)} skipped`] : []),
    ],
  }
}

/** A source counts what it read as in, a sink what it wrote as out; a worker may know only one of the two. */
export function mainRate(kind: string, sample: OperatorSample): number {
  if (kind === 'source') return sample.recordsInPerSecond || sample.recordsOutPerSecond
  if (kind === 'sink') return sample.recordsOutPerSecond || sample.recordsInPerSecond
  return sample.recordsOutPerSecond
}

/** How far event time is behind; a watermark at the end of time, of a source that has ended, is no lag. */
export function watermarkLagMs(watermark: number | null, at: number): number | null {
  if (watermark === null || Math.abs(watermark) > 8.64e15) return null
  return Math.max(0, at - watermark)
}

function watermarkLagOf(sample: OperatorSample | undefined, at: number): string | null {
  const lag = watermarkLagMs(sample?.watermark ?? null, at)
  return lag === null ? null : formatSpan(lag)
}

function subtitleOf(operator: OperatorRecord): string {
  const { kind, connector, connection, options } = operator
  if (connector) {
    const place = placeOf(options.connector)
    const parts = [connector, connection, place].filter((part) => part !== undefined)
    // A connection is often named after its kind, and a path may be named as its connection.
    return [...new Set(parts)].join(' · ')
  }
  return [kind, ...describeOperator(operator)].join(' · ')
}

/** The topic, table or path that a source or sink is about. */
function placeOf(options: unknown): string | undefined {
  if (typeof options !== 'object' || options === null) return undefined
  const { topic, table, path } = options as Readonly<Record<string, unknown>>
  return [topic, table, path].find((place) => typeof place === 'string')
}
