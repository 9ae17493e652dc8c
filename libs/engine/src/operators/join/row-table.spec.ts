import { hashKey } from '../../key-group.ts'
import { noRows, RowTable } from './row-table.ts'

test('keys of one hash are not mixed up', () => {
  const byHash = new Map<number, string>()
  const sameHash = (): [string, string] => {
    for (let number = 0; ; number++) {
      const key = `key ${number}`
      const other = byHash.get(hashKey(key))
      if (other) return [other, key]
      byHash.set(hashKey(key), key)
    }
  }
  const [one, other] = sameHash()
  const table = new RowTable({ takesBack: true, forgets: false })
  table.add(one, { n: 1 }, 0, 0, true)
  expect(table.takeBack(other, { n: 1 })).toBeUndefined()
  expect(table.takeBack(one, { n: 1 })).toMatchObject({ key: one })
})

test('restored from several subtasks, rows are forgotten in the order in which they came', () => {
  const table = new RowTable({ takesBack: false, forgets: true })
  const columns = (key: string, came: number[]) => ({
    ...noRows(),
    keys: came.map(() => key),
    rows: came,
    timestamps: came,
    came,
    alone: came.map(() => true),
  })
  table.load([columns('a', [30, 10]), columns('b', [20])])
  table.forget(20)
  expect(table.rowsOf('a')?.map(({ row }) => row)).toEqual([30])
  expect(table.rowsOf('b')).toBeUndefined()
})
