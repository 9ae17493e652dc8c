import type { MetricsSample } from '../../live/live-state.ts'
import { errorSample, graphSample, jobSample, now } from '../../testing/samples.ts'
import { lineOf, presentFailure, presentOperatorDetail, presentOverview } from './overview-presenter.ts'

const operator = (
  id: string,
  more: Partial<MetricsSample['operators'][number]>,
): MetricsSample['operators'][number] => ({
  operator: id,
  recordsIn: 0,
  recordsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  recordsSkipped: 0,
  recordsLate: 0,
  recordsAhead: 0,
  recordsPlain: 0,
  stateEntries: 0,
  stateBytes: 0,
  watermark: null,
  lag: null,
  watermarkLagMs: null,
  recordsInPerSecond: 0,
  recordsOutPerSecond: 0,
  ...more,
})
const sample = (at: number, read: number): MetricsSample => ({
  type: 'metrics',
  at,
  state: 'RUNNING',
  operators: [
    operator('orders', { recordsIn: 12_000, recordsInPerSecond: read, lag: 40, watermark: at - 90_000 }),
    operator('per-minute', { recordsLate: 3, watermark: at - 95_000 }),
    operator('mysql', { recordsIn: 120, recordsOut: 110, recordsOutPerSecond: read / 100 }),
  ],
})
const figure = (view: ReturnType<typeof presentOverview>, label: string) => {
  const found = view.figures.find((each) => each.label === label)
  return `${String(found?.value)} | ${found?.note} | ${found?.tone ?? ''}`.replaceAll('\u202f', ' ')
}

describe('the overview of a job', () => {
  test('adds up what sources read and sinks wrote, now and over time', () => {
    const view = presentOverview({
      job: jobSample(),
      graph: graphSample,
      samples: [sample(now - 1_000, 900), sample(now, 1_200)],
      now,
    })
    expect(figure(view, 'Read')).toBe('1.2k/s | 12k in this attempt | ')
    expect(figure(view, 'Written')).toBe('12/s | 110 in this attempt | ')
    expect(figure(view, 'Watermark lag')).toBe('1 min 35 s | event time behind now | warning')
    expect(figure(view, 'Behind the source')).toBe('40 | records not yet read | ')
    expect(figure(view, 'Late, skipped')).toBe('3, 0 | records not counted in | warning')
    expect(view.throughput.at).toEqual([now - 1_000, now])
    expect(view.throughput.series.map(({ values }) => values)).toEqual([
      [900, 1_200],
      [9, 12],
    ])
  })

  test('shows no rate of a job that does not run, and keeps its course', () => {
    const view = presentOverview({
      job: jobSample({ state: 'SUSPENDED' }),
      graph: graphSample,
      samples: [sample(now, 900)],
      now,
    })
    expect(figure(view, 'Read')).toBe('– | not running | ')
    expect(view.throughput.series[0].values).toEqual([900])
  })

  test('draws nothing of a job that has not run', () => {
    const idle = { ...sample(now, 0), state: 'FAILED' as const }
    const view = presentOverview({ job: jobSample({ state: 'FAILED' }), graph: graphSample, samples: [idle], now })
    expect(view.throughput.at).toEqual([])
  })

  test('tells checkpoint, attempt and restarts', () => {
    const lastCheckpoint = {
      checkpoint: 7,
      attempt: 2,
      kind: 'savepoint' as const,
      completedAt: now - 3_000,
      durationMs: 38,
      bytes: 412_300,
      location: 'x',
      alignmentMs: 4,
      pauseMs: 1,
      commitMs: null,
    }
    const view = presentOverview({
      job: jobSample({ status: { lastCheckpoint, attempt: 2, restarts: 1 } }),
      graph: undefined,
      samples: [],
      now,
    })
    expect(figure(view, 'Savepoint')).toBe('3 s ago | 412 kB in 38 ms | ')
    const checkpointCounts = { completed: 7, failed: 3, lastFailure: null }
    const failing = jobSample({ status: { lastCheckpoint, checkpointCounts } })
    const told = presentOverview({ job: failing, graph: undefined, samples: [], now })
    expect(figure(told, 'Savepoint')).toBe('3 s ago | 412 kB in 38 ms, 3 failed | ')
    expect(figure(view, 'Attempt')).toBe('2 | 1 restart, 1 min ago | warning')
  })
})

describe('a failure', () => {
  const program = { fileName: 'program.ts', text: 'one\ntwo\nthree\nfour\nfive\nsix' }

  test('shows the line that is named, with those around it', () => {
    expect(presentFailure(errorSample, program)).toMatchObject({
      code: 'LF_USER_FUNCTION',
      facts: [['operator', 'map-2']],
      cause: null,
      source: { line: 3, from: 1, lines: ['one', 'two', 'three', 'four', 'five'] },
    })
  })

  test('says no word twice', () => {
    const error = { ...errorSample, details: { record: 'record orders/0@7', operator: 'map-2' } }
    expect(presentFailure(error, undefined).facts).toEqual([
      ['record', 'orders/0@7'],
      ['operator', 'map-2'],
    ])
  })

  test('finds the line as a fact, in the words or in the stack', () => {
    expect(lineOf({ ...errorSample, details: { line: 5 } }, undefined)).toBe(5)
    const cause = { name: 'TypeError', message: 'no', stack: 'TypeError: no\n  at f (program.ts:6:2)' }
    expect(lineOf({ ...errorSample, message: 'no', cause }, 'program.ts')).toBe(6)
    expect(lineOf({ ...errorSample, message: 'no' }, 'program.ts')).toBeNull()
  })

  test('shows no source where the line is not in the program', () => {
    expect(presentFailure({ ...errorSample, details: { line: 99 } }, program).source).toBeNull()
    expect(presentFailure(errorSample, undefined).source).toBeNull()
  })
})

describe('an operator', () => {
  test('tells what it keeps, where it keeps anything', () => {
    const told = (changes: object) =>
      presentOperatorDetail(graphSample, 'per-minute', {
        ...sample(now, 0),
        operators: [operator('per-minute', { stateEntries: 0, ...changes })],
      })
        ?.facts.find(([label]) => label === 'State')?.[1]
        .replaceAll(/[\u202f\u2009]/g, ' ')
    expect(told({ stateEntries: 1_200, stateBytes: 412_300 })).toBe('1 200 rows, about 412 kB')
    expect(told({})).toBeUndefined()
  })

  test('tells its options one by one', () => {
    const detail = presentOperatorDetail(graphSample, 'per-minute', undefined)
    expect(detail?.options).toEqual([
      ['windower.kind', 'tumbling'],
      ['windower.sizeMs', '1\u202fmin'],
      ['windower.offsetMs', '0\u202fms'],
    ])
    expect(presentOperatorDetail(graphSample, 'gone', undefined)).toBeNull()
  })
})
