import { LatestRows } from './terminal-view.ts'

test('rows of one sink: the newest of each key, without those that are gone', () => {
  const rows = new LatestRows(3)
  const add = (key: string | null, n: number | null) => rows.add({ at: 0, key, row: n === null ? null : { n } })
  const shown = () => rows.newest(10).map(({ key, row }) => [key, row?.['n']])
  for (const [key, n] of [
    ['b', 1],
    ['a', 2],
    ['b', 3],
    [null, 4],
  ] as const)
    add(key, n)
  expect(shown()).toEqual([
    [null, 4],
    ['a', 2],
    ['b', 3],
  ])
  add('b', null)
  add('never there', null)
  expect(shown()).toEqual([
    [null, 4],
    ['a', 2],
  ])
  for (const n of [5, 6]) add(null, n)
  expect(shown()).toEqual([
    [null, 4],
    [null, 5],
    [null, 6],
  ])
})
