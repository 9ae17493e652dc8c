import { approxDistinctCount, avg, calendar, count, job, session, sliding, state, topN } from '@lightflus/api'
import { runJob, type JobRun } from './job-runs.ts'
import { listSink, listSource } from './list-job.ts'
import type { CollectedRow } from './list-connector.ts'

interface Reading {
  readonly at: number
  readonly sensor: string
  readonly celsius: number
}

const definition = job('readings', (flow) => {
  const readings = flow.source(listSource<Reading>({ outOfOrdernessMs: 50 }), { name: 'readings' })
  const others = flow.source(listSource<Reading>({ outOfOrdernessMs: 50 }), { name: 'others' })
  const bySensor = readings
    .union(others)
    .filter(({ celsius }) => celsius > -20)
    .keyBy(({ sensor }) => sensor)
  bySensor
    .window(sliding(100, { every: 40 }), { name: 'means' })
    .aggregate({ n: count(), mean: avg(({ celsius }) => celsius), sensors: approxDistinctCount(({ at }) => at) })
    .sinkTo(listSink(), { name: 'means-out' })
  bySensor
    .window(session(25), { name: 'sessions' })
    .reduce((a, b) => (b.celsius > a.celsius || (b.celsius === a.celsius && b.at < a.at) ? b : a))
    .sinkTo(listSink(), { name: 'sessions-out' })
  bySensor
    .window(calendar('hour', { timeZone: 'Asia/Kolkata' }), { name: 'hours' })
    .aggregate({ hottest: topN(3, ({ celsius, at }) => celsius * 10_000 + at) })
    .sinkTo(listSink(), { name: 'hours-out' })
  bySensor
    .process(
      {
        state: { seen: state.map<number, number>() },
        onRecord({ at }, { state, timers }) {
          const due = Math.ceil(at / 500) * 500
          state.seen.set(due, (state.seen.get(due) ?? 0) + 1)
          timers.setEventTime(due)
        },
        *onTimer(time, { key, state }) {
          yield { key, time, seen: state.seen.get(time) }
          state.seen.delete(time)
        },
      },
      { name: 'counted' },
    )
    .sinkTo(listSink(), { name: 'counted-out' })
  readings
    .keyBy(({ sensor }) => sensor)
    .intervalJoin(
      others.keyBy(({ sensor }) => sensor),
      { from: -20, to: 20, kind: 'left', name: 'pairs' },
    )
    .sinkTo(listSink(), { name: 'pairs-out' })
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
    const at = index * 10 - (noise % 5) * 10
    return { payload: { at, sensor: `s${noise % 5}`, celsius: noise - 30 }, timestamp: at }
  })
}

const textsOf = (rows: readonly CollectedRow[]): string[] =>
  rows.map(({ sink, value, timestamp }) => `${sink} ${JSON.stringify(value)} @${timestamp}`).sort()
