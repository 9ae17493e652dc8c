import { count, state, sum, type ListState, type StateSpecs, type ValueState } from '@lightflus/api'
import { makeOperator, runTable } from '../../testing/operator-table.ts'
import { testedProcess } from '../../testing/process-specs.ts'

// Goal: what functions of the program see of each kind of state.

test('each key has its own value, list, map and fold, and an empty one is as if it had never been', async () => {
  const tested = testedProcess({
    state: {
      last: state.value<number>(),
      all: state.list<number>(),
      counts: state.map<number, number>(),
      total: state.reducing(sum((n: number) => n)),
    },
    onRecord(n: number, { key, state: { last, all, counts, total } }) {
      if (n < 0) for (const each of [last, all, counts, total]) each.clear()
      else {
        last.set(n)
        all.add(n)
        counts.set(n, (counts.get(n) ?? 0) + 1)
        total.add(n)
      }
      return [[key, last.get() ?? null, all.get(), [...counts.entries()], counts.size, total.get() ?? null]]
    },
  })
  const { operator } = await runTable(
    tested,
    `in   a:1 b:2 a:1 a:3
     out  ["a",1,[1],[[1,1]],1,1]
     out  ["b",2,[2],[[2,1]],1,2]
     out  ["a",1,[1,1],[[1,2]],1,2]
     out  ["a",3,[1,1,3],[[1,2],[3,1]],2,5]
     in   a:-1 b:-1
     out  ["a",null,[],[],0,null]
     out  ["b",null,[],[],0,null]`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('what is written is counted from zero after a clear, and undefined clears', async () => {
  await runTable(
    testedProcess({
      state: { seen: state.value<number | undefined>(), list: state.list<number>(), map: state.map<string, number>() },
      onRecord(n: number | null, { state: { seen, list, map } }) {
        seen.set(n ?? undefined)
        list.set(n === null ? [] : [n, n])
        if (n === null) map.delete('x')
        else map.set('x', n)
        return [[seen.get() ?? null, list.length, map.has('x'), map.get('x') ?? null]]
      },
    }),
    `in   a:1 a:null a:2
     out  [1,2,true,1]
     out  [null,0,false,null]
     out  [2,2,true,2]`,
  )
})

test('what has expired is never read, each entry by itself, and is removed soon after', async () => {
  const tested = testedProcess({
    state: {
      value: state.value<number>({ ttl: 1_000 }),
      list: state.list<number>({ ttl: 1_000 }),
      map: state.map<number, number>({ ttl: 1_000 }),
      total: state.reducing(
        sum((n: number) => n),
        { ttl: 1_000 },
      ),
    },
    onRecord(n: number, { state: { value, list, map, total } }) {
      if (n > 0) {
        value.set(n)
        list.add(n)
        map.set(n, n)
        total.add(n)
      }
      return [[value.get() ?? null, list.get(), list.length, [...map.entries()], map.size, total.get() ?? null]]
    },
  })
  const { operator } = await runTable(
    tested,
    `now  0
     in   a:1
     out  [1,[1],1,[[1,1]],1,1]
     now  600
     in   a:2 b:9
     out  [2,[1,2],2,[[1,1],[2,2]],2,3]
     out  [9,[9],1,[[9,9]],1,9]
     now  999
     in   a:0
     out  [2,[1,2],2,[[1,1],[2,2]],2,3]
     now  1000
     in   a:0
     out  [2,[2],1,[[2,2]],1,3]
     now  1599
     in   b:0
     out  [9,[9],1,[[9,9]],1,9]
     now  1600
     in   a:0 b:0
     out  [null,[],0,[],0,null]
     out  [null,[],0,[],0,null]
     now  1800
     in   b:7 a:0 b:0
     out  [7,[7],1,[[7,7]],1,7]
     out  [null,[],0,[],0,null]
     out  [7,[7],1,[[7,7]],1,7]
     now  3000`,
  )
  expect(operator.processingTimeDue!()).toBe(Infinity)
})

test('what was removed and is written again lives its own time', async () => {
  await runTable(
    testedProcess({
      state: {
        value: state.value<number>({ ttl: 1_000 }),
        list: state.list<number>({ ttl: 1_000 }),
        map: state.map<number, number>({ ttl: 1_000 }),
      },
      onRecord(n: number, { state: { value, list, map } }) {
        if (n < 0) for (const each of [value, list]) each.clear()
        if (n === -1) map.clear()
        if (n === -2) map.delete(1)
        if (n <= 0) return [[value.get() ?? null, list.length, map.size]]
        value.set(n)
        list.add(n)
        map.set(1, n)
      },
    }),
    `now  0
     in   a:1 b:1
     now  10
     in   a:-1 b:-2
     out  [null,0,0]
     out  [null,0,0]
     now  900
     in   a:2 b:2
     now  1100
     in   a:0 b:0
     out  [2,1,1]
     out  [2,1,1]
     now  1900
     in   a:0 b:0
     out  [null,0,0]
     out  [null,0,0]`,
  )
})

test('state of other names or kinds is refused, a new state starts empty, and a time to live may be changed', () => {
  const withState = (specs: StateSpecs, onTimer = true) =>
    makeOperator(testedProcess({ state: specs, onRecord: () => [], ...(onTimer && { onTimer: () => [] }) }))
  const left = (specs: StateSpecs) => {
    const { operator } = makeOperator(
      testedProcess({
        state: specs,
        onRecord(n: number, context) {
          for (const each of Object.values(context.state) as Partial<ValueState<number> & ListState<number>>[])
            if (each.set) each.set(n)
            else each.add!(n)
          context.timers.setEventTime(n)
        },
        onTimer: () => [],
      }),
    )
    operator.processBatch({ values: [1], timestamps: [1], keys: ['a'] }, { emit() {}, emitSide() {} }, 0)
    const { subtask, keyGroups } = structuredClone(operator.snapshot()!)
    return { subtasks: [subtask], keyGroups }
  }
  const value = state.value<number>()
  expect(() => withState({ b: value }).operator.restore(left({ a: value }))).toThrow(
    expect.objectContaining({
      code: 'LF_RESTORE_MISMATCH',
      message: "Job test: the checkpoint's state of operator process-1 does not fit: a (value) is not in the program.",
    }),
  )
  expect(() => withState({ a: state.list() }).operator.restore(left({ a: value }))).toThrow(
    'a is value, and list in the program',
  )
  const total = state.reducing(sum((n: number) => n))
  expect(() => withState({ a: state.reducing(count()) }).operator.restore(left({ a: total }))).toThrow(
    'a is reducing (sum), and reducing (count) in the program',
  )
  withState({ a: total }).operator.restore(left({ a: total }))
  expect(() => withState({ a: value }, false).operator.restore(left({ a: value }))).toThrow(
    "'timers', the program's is 'no onTimer'",
  )
  withState({ a: value, b: value }).operator.restore(left({ a: value }))
  const { operator } = withState({ a: state.value<number>({ ttl: 500 }) })
  operator.restore(left({ a: value }))
  expect(operator.processingTimeDue!()).toBe(600)
  withState({ a: value }).operator.restore(left({ a: state.value<number>({ ttl: 500 }) }))
})
