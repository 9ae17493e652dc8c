import fc from 'fast-check'
import {
  applyLiveEvent,
  initialLiveState,
  logLinesMax,
  mergeLogs,
  isThere,
  mergeRows,
  rowsPerSinkMax,
  samplesMax,
  type LogLine,
  type MetricsSample,
  type LiveRow,
  type ResultRow,
} from './live-state.ts'

const line = (id: number, at = id): LogLine => ({
  id: String(id),
  sequence: id,
  attempt: 1,
  at,
  level: 'info',
  operator: null,
  message: `line ${id}`,
})
const row = (id: number, key: string | null, value: number, at = id): ResultRow => ({
  id: String(id),
  sequence: id,
  at,
  sink: 'totals',
  key,
  row: { value },
})
const sample = (at: number): MetricsSample => ({ type: 'metrics', at, state: 'RUNNING', operators: [] })

describe('live state', () => {
  test('keeps a bounded number of measurements and takes none twice', () => {
    let state = initialLiveState
    for (let at = 1; at <= samplesMax + 10; at += 1) state = applyLiveEvent(state, sample(at))
    expect(state.samples).toHaveLength(samplesMax)
    expect(state.samples[0].at).toBe(11)
    expect(applyLiveEvent(state, sample(samplesMax + 10)).samples).toBe(state.samples)
  })

  test('log lines come once and in order, whatever was fetched and whatever came live', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(50)), (fetched, live) => {
        const merged = mergeLogs(
          fetched.map((id) => line(id)),
          live.map((id) => line(id)),
        )
        const expected = [...new Set([...fetched, ...live])].sort((a, b) => a - b)
        expect(merged.map((item) => item.sequence)).toEqual(expected)
      }),
    )
  })

  test('the oldest log lines give way', () => {
    const merged = mergeLogs(
      [],
      Array.from({ length: logLinesMax + 5 }, (_, id) => line(id)),
    )
    expect([merged.length, merged[0].sequence]).toEqual([logLinesMax, 5])
  })

  test('a keyed row replaces the one before, an older one does not', () => {
    const rows = mergeRows([row(1, 'ann', 10), row(2, 'bob', 20)], [row(3, 'ann', 11), row(0, 'bob', 5)])
    expect(rows.map(({ key, row }) => [key, row?.value])).toEqual([
      ['ann', 11],
      ['bob', 20],
    ])
  })

  test('a row that is gone is gone, also when an older one comes late, until a newer one comes', () => {
    const gone = { ...row(3, 'ann', 0), row: null }
    const shown = (...rows: LiveRow[][]) =>
      rows
        .reduce<readonly LiveRow[]>(mergeRows, [])
        .filter(isThere)
        .map(({ key, row: { value } }) => [key, value])
    const before = [row(1, 'ann', 10), row(2, 'bob', 20)]
    expect(shown(before, [gone])).toEqual([['bob', 20]])
    expect(shown([gone], before)).toEqual([['bob', 20]])
    expect(shown(before, [gone], [row(4, 'ann', 12)])).toEqual([
      ['ann', 12],
      ['bob', 20],
    ])
  })

  test('a busy sink pushes out its own rows alone', () => {
    const quiet = { ...row(0, null, 7), sink: 'quiet' }
    const busy = Array.from({ length: rowsPerSinkMax + 3 }, (_, id) => row(id + 1, null, id))
    const merged = mergeRows([quiet], busy)
    expect([merged.length, merged.at(-1)?.sink]).toEqual([rowsPerSinkMax + 1, 'quiet'])
  })

  test('rows without a key are all kept, newest first', () => {
    expect(mergeRows([row(1, null, 1)], [row(2, null, 1), row(1, null, 1)]).map(({ id }) => id)).toEqual(['2', '1'])
  })
})
