import { collect, count, countIf, fold, max, min, sum, type Aggregate } from '@lightflus/api'
import { aggregatesFold, copyCell, reduceFold, type Cell, type Fold } from './fold.ts'

interface Order {
  readonly amount: number
}

const aggregates = { n: count(), spent: sum((order: Order) => order.amount), most: max((order: Order) => order.amount) }
const folding = (onError: 'fail' | 'skip', input?: 'changelog') =>
  aggregatesFold(Object.keys(aggregates), aggregates, onError, input)

function resultOf(from: Fold, cell: Cell): Record<string, unknown> {
  const result = {}
  from.addResult(cell, result)
  return result
}

function cellOf(from: Fold, ...values: unknown[]): Cell {
  const cell = from.create()
  for (const value of values) from.add(cell, value)
  return cell
}

test('cells are merged, copied and results taken by name', () => {
  const orders = folding('fail')
  const a = cellOf(orders, { amount: 1 }, { amount: 5 })
  const b = cellOf(orders, { amount: 3 })
  const copy = copyCell(orders, a)
  orders.merge(copy, b)
  expect(resultOf(orders, copy)).toEqual({ n: 3, spent: 9, most: 5 })
  expect(resultOf(orders, a)).toEqual({ n: 2, spent: 6, most: 5 })
})

test('what an aggregate cannot take is told with its name, and leaves the cell as it was where records are skipped', () => {
  const refusal = expect.objectContaining({
    code: 'LF_AGGREGATE_VALUE',
    message: "aggregate 'spent': it takes a finite number, and was given undefined.",
    nextStep: expect.stringContaining('spelt') as string,
  }) as Error
  const orders = folding('skip')
  const cell = cellOf(orders, { amount: 1 })
  expect(() => orders.add(cell, {})).toThrow(refusal)
  expect(resultOf(orders, cell)).toEqual({ n: 1, spent: 1, most: 1 })
  expect(() => folding('fail').add(folding('fail').create(), {})).toThrow(refusal)
})

test('where records are skipped, neither aggregates of the program nor those that grow are touched by one that another refuses', () => {
  const careless = fold(
    () => ({ seen: 0 }),
    (state: { seen: number }, order: Order) => {
      state.seen++
      if (order.amount === 13) throw new Error('unlucky')
      return state
    },
    { result: ({ seen }) => seen },
  )
  const orders = aggregatesFold(
    ['all', 'seen', 'spent'],
    { all: collect(), seen: careless, spent: aggregates.spent },
    'skip',
  )
  const cell = cellOf(orders, { amount: 1 })
  expect(() => orders.add(cell, { amount: 13 })).toThrow('unlucky')
  expect(() => orders.add(cell, {})).toThrow("aggregate 'spent'")
  expect(resultOf(orders, cell)).toEqual({ all: [{ amount: 1 }], seen: 1, spent: 1 })
  orders.add(cell, { amount: 2 })
  expect(resultOf(orders, cell)).toEqual({ all: [{ amount: 1 }, { amount: 2 }], seen: 2, spent: 3 })
})

test('a function that changes its mind about a record ends the job, since half of the aggregates have counted it', () => {
  let calls = 0
  const moody = countIf(() => {
    if (++calls === 2) throw new Error('no more')
    return true
  })
  const orders = aggregatesFold(['n', 'moody'], { n: count(), moody }, 'skip')
  expect(() => orders.add(orders.create(), {})).toThrow(expect.objectContaining({ code: 'LF_USER_RESULT' }) as Error)
})

test('over a changelog an aggregate gives way to what can take rows back', () => {
  const orders = folding('skip', 'changelog')
  const cell = cellOf(orders, { amount: 1 }, { amount: 5 }, { amount: 3 })
  orders.retract(cell, { amount: 5 })
  expect(resultOf(orders, cell)).toEqual({ n: 2, spent: 4, most: 3 })
  // The count must not go down alone.
  expect(() => orders.retract(cell, { amount: 9 })).toThrow(
    "aggregate 'most': a row was taken back that had not been put in",
  )
  expect(resultOf(orders, cell)).toEqual({ n: 2, spent: 4, most: 3 })
  expect(orders.shape).toBe('aggregate n: count, spent: exact sum, most: sorted numbers')
  expect(folding('skip').shape).toBe('aggregate n: count, spent: sum, most: max')
})

test('neither results nor copies are tied to an accumulator that goes on changing', () => {
  const list: Aggregate<number, number[], number[]> = {
    create: () => [],
    add: (all, value) => (all.push(value), all),
    // Against the rules, and easily written: the second list becomes the result.
    merge: (a, b) => (a.length === 0 ? b : a.concat(b)),
    result: (all) => all,
  }
  const lists = aggregatesFold(['all'], { all: list }, 'fail')
  const cell = cellOf(lists, 1)
  const result = resultOf(lists, cell)
  const copy = copyCell(lists, cell)
  lists.add(cell, 2)
  expect([result, resultOf(lists, copy), resultOf(lists, cell)]).toEqual([{ all: [1] }, { all: [1] }, { all: [1, 2] }])
})

test('a reduce joins what there is, in order', () => {
  const text = reduceFold((a, b) => `${String(a)}${String(b)}`)
  const cell = cellOf(text, 'a', 'b')
  text.merge(cell, text.create())
  text.merge(cell, cellOf(text, 'c', 'd'))
  expect(resultOf(text, cell)).toEqual({ value: 'abcd' })
  const empty = text.create()
  text.merge(empty, cell)
  expect(resultOf(text, empty)).toEqual({ value: 'abcd' })
})

test('joined cells stay small unless an aggregate says that its accumulator grows', () => {
  const growing = {
    ...fold(
      () => [],
      (all) => all,
    ),
    grows: true,
  }
  expect(folding('fail').staysSmall).toBe(true)
  expect(aggregatesFold(['least', 'all'], { least: min(Number), all: growing }, 'fail').staysSmall).toBe(false)
})
