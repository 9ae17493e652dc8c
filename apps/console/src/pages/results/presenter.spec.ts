import type { ResultRow } from '../../live/live-state.ts'
import { graphSample, now } from '../../testing/samples.ts'
import { presentResults, rowsKept, shownRowsMax, type ResultsSearch } from './presenter.ts'

const row = (id: number, row: ResultRow['row'], more: Partial<ResultRow> = {}): ResultRow => ({
  id: String(id),
  sequence: id,
  at: now - id * 1_000,
  sink: 'revenue',
  key: null,
  row,
  ...more,
})
const present = (rows: ResultRow[], search: ResultsSearch = {}, kept: ReadonlyMap<string, number> = new Map()) =>
  presentResults({ rows, search, kept, now })
const texts = (view: ReturnType<typeof presentResults>) => view.lines.map(({ cells }) => cells.map(({ text }) => text))

describe('result rows', () => {
  test('columns are all fields that occur, objects one level deep', () => {
    const view = present([row(1, { item: 'stool', window: { start: now } }), row(2, { item: 'rug', tags: ['a'] })])
    expect(view.columns.map(({ name }) => name)).toEqual(['item', 'window.start', 'tags'])
    expect(texts(view)[1]).toEqual(['rug', '', '["a"]'])
    expect(view.note).toBe('2 rows')
  })

  test('numbers are numeric columns, and times of day where name and size say so', () => {
    const view = present([
      row(1, { window: { end: new Date(2026, 10, 23, 9, 5, 7).getTime() }, total: 12_345, share: 0.5 }),
    ])
    expect(texts(view)).toEqual([['09:05:07', '12\u202f345', '0.5']])
    expect(view.columns.map(({ numeric }) => numeric)).toEqual([false, true, true])
  })

  test('points of a column stand under one another', () => {
    const view = present([row(1, { spent: 5_985.8 }), row(2, { spent: -0.25 }), row(3, { spent: 1 / 3 })])
    expect(texts(view).flat()).toEqual(['5\u202f985.8000', '\u22120.2500', '0.3333'])
    expect(view.lines[2].cells[0].title).toBe(String(1 / 3))
  })

  test('shows the sink asked for, or the first', () => {
    const rows = [row(1, { a: 1 }), row(2, { b: 1 }, { sink: 'busiest', key: 'ann' })]
    expect(present(rows).sink).toBe('busiest')
    expect(present(rows, { sink: 'revenue' })).toMatchObject({
      sink: 'revenue',
      lines: [{ id: '1', age: 'just now' }],
    })
    expect(present(rows, { sink: 'gone' }).sink).toBe('busiest')
  })

  test('orders by a column, numbers as numbers, and finds text anywhere', () => {
    const rows = [row(1, { user: 'ann', n: 9 }), row(2, { user: 'bob', n: 10 }), row(3, { user: 'cid', n: 2 })]
    expect(texts(present(rows, { sort: '-n' })).map(([user]) => user)).toEqual(['bob', 'ann', 'cid'])
    expect(texts(present(rows, { sort: 'user' })).map(([user]) => user)).toEqual(['ann', 'bob', 'cid'])
    expect(present(rows, { q: 'BO' }).note).toBe('1 of 3 rows')
  })

  test('keeps as many rows of a sink as its program says', () => {
    const rows = [row(1, { a: 1 }), row(2, { a: 2 }), row(3, { a: 3 }), row(4, { b: 1 }, { sink: 'other' })]
    const view = present(rows, { sink: 'revenue' }, new Map([['revenue', 2]]))
    expect([texts(view).flat(), view.sinks]).toEqual([
      ['1', '2'],
      [
        { name: 'other', count: 1 },
        { name: 'revenue', count: 2 },
      ],
    ])
    const sink = {
      id: 'revenue',
      kind: 'sink',
      named: true,
      connector: 'table',
      options: { connector: { rowsMax: 20 } },
    }
    const graph = { ...graphSample, operators: [...graphSample.operators, sink] }
    expect([...rowsKept(graph)]).toEqual([['revenue', 20]])
  })

  test('lights a row that has just changed, unless most have', () => {
    const still = [row(10, { a: 1 }), row(11, { a: 2 }), row(12, { a: 3 })]
    expect(present([row(0, { a: 0 }), ...still]).lines.map(({ lit }) => lit)).toEqual([true, false, false, false])
    expect(present([row(0, { a: 0 }), row(1, { a: 0 }), row(12, { a: 3 })]).lines.some(({ lit }) => lit)).toBe(false)
  })

  test('says when it shows a part, and when there is nothing', () => {
    const many = Array.from({ length: shownRowsMax + 1 }, (_, id) => row(id, { id }))
    expect(present(many)).toMatchObject({ note: 'the first 300 of 301 rows' })
    expect(present([])).toMatchObject({ sink: null, columns: [], lines: [] })
  })
})
