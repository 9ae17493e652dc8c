import { avg, count, job, tumbling } from '@lightflus/api'
import { runJob, type JobRun } from './job-runs.ts'
import { listSink, listSource } from './list-job.ts'
import type { CollectedRow } from './list-connector.ts'

interface Reading {
  readonly sensor: string
  readonly celsius: number
}

const definition = job('readings', (flow) => {
  const readings = flow.source(listSource<Reading>({ outOfOrdernessMs: 50 }), { name: 'readings' })
  const others = flow.source(listSource<Reading>({ outOfOrdernessMs: 50 }), { name: 'others' })
  readings
    .union(others)
    .filter(({ celsius }) => celsius > -20)
    .keyBy(({ sensor }) => sensor)
    .window(tumbling(100))
    .aggregate({ n: count(), mean: avg(({ celsius }) => celsius) })
    .sinkTo(listSink(), { name: 'means' })
})

const runs: readonly JobRun[] = [
  { parallelism: 1, cuts: [64], interruptions: [], slowWriteEvery: 0 },
  {
    parallelism: 3,
    cuts: [7, 100, 1],
    interruptions: [{ how: 'crash', atPoll: 9, parallelismAfter: 2 }],
    slowWriteEvery: 3,
  },
]

/** Runs one job in several ways, wherever this is: rows of each run, in an order that does not depend on it. */
export async function runInThisPlace(): Promise<string[][]> {
  const sources = { readings: { a: readingsOf(1), b: readingsOf(2) }, others: { c: readingsOf(3) } }
  const results: string[][] = []
  for (const run of runs) results.push(textsOf((await runJob(definition, sources, run)).rows))
  return results
}

function readingsOf(seed: number) {
  return Array.from({ length: 300 }, (_, index) => {
    const noise = (index * 7_919 + seed * 104_729) % 97
    return { payload: { sensor: `s${noise % 5}`, celsius: noise - 30 }, timestamp: index * 10 - (noise % 5) * 10 }
  })
}

const textsOf = (rows: readonly CollectedRow[]): string[] => rows.map(({ value }) => JSON.stringify(value)).sort()
