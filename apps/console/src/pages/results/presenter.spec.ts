import type { ResultRow } from '../../live/live-state.ts'
import { now } from '../../testing/samples.ts'
import { presentResults, shownRowsMax } from './presenter.ts'

const row = (id: number, row: ResultRow['row'], more: Partial<ResultRow> = {}): ResultRow => ({
  id: String(id),
  sequence: id,
  at: now - id * 1_000,
  sink: 'revenue',
  key: null,
  row,
  ...more,
})
const texts = (view: ReturnType<typeof presentResults>) => view.lines.map(({ cells }) => cells.map(({ text }) => text))

describe('result rows', () => {
  test('columns are all fields that occur, objects one level deep', () => {
    const view = presentResults(
      [row(1, { item: 'stool', window: { start: now } }), row(2, { item: 'rug', tags: ['a'] })],
      {},
      now,
    )
    expect(view.columns.map(({ name }) => name)).toEqual(['item', 'window.start', 'tags'])
    expect(texts(view)[1]).toEqual(['rug', '', '["a"]'])
    expect(view.note).toBe('2 rows')
  })

  test('numbers are numeric columns, and times of day where name and size say so', () => {
    const view = presentResults(
      [row(1, { window: { end: new Date(2026, 10, 23, 9, 5, 7).getTime() }, total: 12_345, share: 0.5 })],
      {},
      now,
    )
    expect(texts(view)).toEqual([['09:05:07', '12\u202f345', '0.5']])
    expect(view.columns.map(({ numeric }) => numeric)).toEqual([false, true, true])
  })

  test('points of a column stand under one another', () => {
    const view = presentResults(
      [row(1, { spent: 5_985.8 }), row(2, { spent: -0.25 }), row(3, { spent: 1 / 3 })],
      {},
      now,
    )
    expect(texts(view).flat()).toEqual(['5\u202f985.8000', '\u22120.2500', '0.3333'])
    expect(view.lines[2].cells[0].title).toBe(String(1 / 3))
  })

  test('shows the sink asked for, or the first', () => {
    const rows = [row(1, { a: 1 }), row(2, { b: 1 }, { sink: 'busiest', key: 'ann' })]
    expect(presentResults(rows, {}, now).sink).toBe('busiest')
    expect(presentResults(rows, { sink: 'revenue' }, now)).toMatchObject({
      sink: 'revenue',
      lines: [{ id: '1', age: 'just now' }],
    })
    expect(presentResults(rows, { sink: 'gone' }, now).sink).toBe('busiest')
  })

  test('orders by a column, numbers as numbers, and finds text anywhere', () => {
    const rows = [row(1, { user: 'ann', n: 9 }), row(2, { user: 'bob', n: 10 }), row(3, { user: 'cid', n: 2 })]
    expect(texts(presentResults(rows, { sort: '-n' }, now)).map(([user]) => user)).toEqual(['bob', 'ann', 'cid'])
    expect(texts(presentResults(rows, { sort: 'user' }, now)).map(([user]) => user)).toEqual(['ann', 'bob', 'cid'])
    expect(presentResults(rows, { q: 'BO' }, now).note).toBe('1 of 3 rows')
  })

  test('says when it shows a part, and when there is nothing', () => {
    const many = Array.from({ length: shownRowsMax + 1 }, (_, id) => row(id, { id }))
    expect(presentResults(many, {}, now)).toMatchObject({ note: 'the first 300 of 301 rows' })
    expect(presentResults([], {}, now)).toMatchObject({ sink: null, columns: [], lines: [] })
  })
})
