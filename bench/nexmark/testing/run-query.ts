import type { ChangeKind, JobDefinition } from 'lightflus'
import type { ListData } from '../../../libs/engine/src/testing/list-connector.ts'
import { plainRun, runJob } from '../../../libs/engine/src/testing/job-runs.ts'
import { configure } from '../settings.ts'
import { sides } from '../side-input.ts'
import type { Row } from './evaluation.ts'

export interface QueryRun {
  /** Whether the sources end, so that every result comes once. Otherwise the same events are replayed as a stream. */
  readonly bounded: boolean
  readonly parallelism: number
  readonly partitions: number
}

export interface ChangedRow {
  readonly row: Row
  readonly change: ChangeKind
}

/** Runs a query over events that lists hold, whatever source and sink it names, and gives what reaches its sink, in order. */
export async function runQuery(
  query: JobDefinition,
  lines: readonly string[],
  { bounded, parallelism, partitions }: QueryRun,
): Promise<readonly ChangedRow[]> {
  // A query asks when it is built; how many there are is a matter of the lists here.
  configure({ source: { kind: 'generator', events: bounded ? lines.length : null, seed: 0 } })
  const sources = { events: spread(lines, partitions), sides: spread(sides, 1) }
  const { rows } = await runJob(query, sources, { ...plainRun, parallelism, cuts: [97, 1_000, 311] })
  return rows.map(({ value, change = 'insert' }) => ({ row: value as Row, change }))
}

/** Blocks of 50 to each partition in turn, as a producer's batches would be. */
function spread(payloads: readonly unknown[], partitions: number): ListData {
  const of = (partition: number) =>
    payloads
      .filter((_, n) => Math.floor(n / 50) % partitions === partition)
      .map((payload) => ({ payload, timestamp: 0 }))
  return Object.fromEntries(Array.from({ length: partitions }, (_, partition) => [`${partition}`, of(partition)]))
}
