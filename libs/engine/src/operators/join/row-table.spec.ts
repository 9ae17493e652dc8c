import fc from 'fast-check'
import { hashKey } from '../../key-group.ts'
import { noRow, noRows, RowTable, type RowColumns } from './row-table.ts'

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
  expect(table.takeBack(one, { n: 1 })).toEqual({ row: { n: 1 }, alone: true })
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
  expect(rowsOf(table, 'a')).toEqual([30])
  expect(rowsOf(table, 'b')).toEqual([])
})

type Step =
  | { readonly do: 'add'; readonly key: string; readonly n: number }
  | { readonly do: 'takeBack'; readonly key: string; readonly n: number }
  | { readonly do: 'forget'; readonly n: number }
  | { readonly do: 'restore' }

const key = fc.constantFrom('a', 'b', 'c')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), key, n: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('takeBack' as const), key, n: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), n: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const) }) },
)

interface NaiveRow {
  readonly key: string
  readonly n: number
  readonly at: number
  readonly alone: boolean
}

test('it holds what a list of rows would, whatever comes and goes, and also after restores', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      fc.array(step, { maxLength: 80, size: 'max' }),
      (takesBack, forgets, steps) => {
        const make = () => new RowTable({ takesBack, forgets })
        let table = make()
        let naive: NaiveRow[] = []
        steps.forEach((each, now) => {
          if (each.do === 'add') {
            const isFirst = table.add(each.key, { n: each.n }, now, now, now % 2 === 0)
            expect(isFirst).toBe(naive.every((row) => row.key !== each.key))
            naive.push({ key: each.key, n: each.n, at: now, alone: now % 2 === 0 })
          } else if (each.do === 'takeBack' && takesBack) {
            const taken = naive.findLast((row) => row.key === each.key && row.n === each.n)
            naive = naive.filter((row) => row !== taken)
            expect(table.takeBack(each.key, { n: each.n })).toEqual(
              taken && { row: { n: taken.n }, alone: taken.alone },
            )
          } else if (each.do === 'forget' && forgets) {
            table.forget(now - each.n)
            naive = naive.filter(({ at }) => at > now - each.n)
          } else if (each.do === 'restore') table = restored(table, make())
          expect(table.size).toBe(naive.length)
          expect(table.bytes > 0).toBe(naive.length > 0)
          for (const name of ['a', 'b', 'c'])
            expect(rowsOf(table, name)).toEqual(naive.filter((row) => row.key === name).map(({ n }) => ({ n })))
          expect(new Set([...table.firsts()].map(([name]) => name))).toEqual(new Set(naive.map((row) => row.key)))
        })
      },
    ),
    { numRuns: 300 },
  )
})

function rowsOf(table: RowTable, name: string): unknown[] {
  const rows: unknown[] = []
  const first = table.first(name)
  for (let id = first; id !== noRow; id = table.next(id, first)) rows.push(table.rowOf(id))
  return rows
}

function restored(from: RowTable, into: RowTable): RowTable {
  const groups = new Map<number, RowColumns>()
  from.save((keyGroup) => {
    const columns = groups.get(keyGroup) ?? noRows()
    groups.set(keyGroup, columns)
    return columns
  })
  into.load(structuredClone([...groups.values()]))
  return into
}
