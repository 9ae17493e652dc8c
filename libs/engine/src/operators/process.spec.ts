import { sideOutput, state, sum, type ProcessSpec, type StateSpecs } from '@lightflus/api'
import { processOptions } from '../testing/process-specs.ts'
import { createProcess } from './process.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'

const process = <S extends StateSpecs>(spec: ProcessSpec<never, string, S, unknown>): TestedOperator<'process'> => ({
  kind: 'process',
  create: createProcess,
  ...processOptions(spec),
})

const late = sideOutput<unknown>('late')

test('a function of records without keys emits what it returns, and writes to side outputs', async () => {
  const tested: TestedOperator<'process'> = {
    kind: 'process',
    create: createProcess,
    options: { keyed: false, state: {} },
    functions: {
      reducers: {},
      *onRecord(n: number, { key, timestamp, watermark, output }) {
        if (n === 0) return output(late, { n, watermark })
        for (let i = 0; i < n; i++) yield { i, key, timestamp }
      },
    },
  }
  await runTable(
    tested,
    `in   :2@5 :1
     out  {"i":0,"key":null,"timestamp":5}@5
     out  {"i":1,"key":null,"timestamp":5}@5
     out  {"i":0,"key":null,"timestamp":null}
     in   :0@6
     out  late: {"n":0,"watermark":null}@6`,
  )
})

test('each key has its own value, list, map and fold, and an empty one is as if it had never been', async () => {
  const tested = process({
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
    process({
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
  const tested = process({
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
     now  1800`,
  )
  expect(operator.processingTimeDue!()).toBe(Infinity)
})

test('event-time timers fire when the watermark reaches them, by time and then in the order of setting', async () => {
  await runTable(
    process({
      onRecord(times: number[], { timers }) {
        for (const time of times) timers.setEventTime(time)
      },
      onTimer: (time, { key, timer, timestamp, watermark }) => [[key, time, timer, timestamp, watermark]],
    }),
    `in   b:[20,10,20]@1 a:[20,30]@2
     wm   9
     out
     wm   20
     out  ["b",10,"eventTime",10,20]@10
     out  ["b",20,"eventTime",20,20]@20
     out  ["a",20,"eventTime",20,20]@20
     in   c:[5]@3
     out
     wm   21
     out  ["c",5,"eventTime",5,21]@5
     wm   max
     out  ["a",30,"eventTime",30,null]@30`,
  )
})

test('a timer that is deleted does not fire', async () => {
  await runTable(
    process({
      onRecord(time: number, { timers }) {
        if (time > 0) timers.setEventTime(time)
        else timers.deleteEventTime(-time)
      },
      onTimer: (time) => [time],
    }),
    `in   a:10 b:10 a:20 a:-10 c:-10 b:-11
     wm   15
     out  10@10
     in   a:-20
     wm   max
     out`,
  )
})

test('onTimer may set further timers: later ones take their turn, those that are due wait for the next watermark', async () => {
  await runTable(
    process({
      onRecord: (time: number, { timers }) => timers.setEventTime(time),
      onTimer(time, { key, timers }) {
        if (key === 'a' && time < 40) timers.setEventTime(time + 10)
        if (key === 'past' && time > 0) timers.setEventTime(0)
        return [`${key}${time}`]
      },
    }),
    `in   a:10 b:25 past:12
     wm   35
     out  "a10"@10
     out  "past12"@12
     out  "a20"@20
     out  "b25"@25
     out  "a30"@30
     wm   36
     out  "past0"@0
     wm   max
     out  "a40"@40`,
  )
})

test('processing-time timers fire by the clock, without an event time, and the rest before the last watermark', async () => {
  await runTable(
    process({
      onRecord(times: number[], { timers, processingTime }) {
        for (const time of times) timers.setProcessingTime(processingTime + time)
        if (times.length === 0) timers.deleteProcessingTime(300)
      },
      onTimer(time, { key, timer, timestamp, processingTime, timers }) {
        timers.setProcessingTime(time + 1_000)
        return [[key, time, timer, timestamp, processingTime]]
      },
    }),
    `now  100
     in   a:[200,50,2000]@7 b:[200]@8
     out
     now  200
     out  ["a",150,"processingTime",null,200]
     in   b:[]
     now  2100
     out  ["a",300,"processingTime",null,2100]
     out  ["a",1150,"processingTime",null,2100]
     out  ["a",1300,"processingTime",null,2100]
     out  ["a",2100,"processingTime",null,2100]
     wm   max
     out  ["a",2150,"processingTime",null,2100]
     out  ["a",2300,"processingTime",null,2100]
     out  ["a",3100,"processingTime",null,2100]`,
  )
})

test('at the end a chain of timers is followed to its end, also where processing time begins it', async () => {
  await runTable(
    process({
      onRecord: (_: number, { timers }) => timers.setProcessingTime(1),
      onTimer(time, { timer, timers, watermark }) {
        if (timer === 'processingTime') timers.setEventTime(100)
        else if (time < 102) timers.setEventTime(time + 1)
        return [watermark === Infinity]
      },
    }),
    `in   a:0@50
     wm   max
     out  true
     out  true@100
     out  true@101
     out  true@102`,
  )
})

test.each(['later', 'past'])('timers that set themselves for ever are an error at the end: %s', async (when) => {
  const tested = process({
    onRecord: (_: number, { timers }) => timers.setEventTime(10),
    onTimer: (time, { timers }) => timers.setEventTime(when === 'later' ? time + 1 : time),
  })
  await expect(runTable({ ...tested, onError: 'skip' }, 'in a:0@5\nwm 20\nwm max')).rejects.toMatchObject({
    code: 'LF_USER_CONTEXT',
    message: expect.stringContaining('key "a" has set more than 1000 event-time timers after the end of the input'),
  })
})

test('timers that follow the records to the newest of them are no error, however many', async () => {
  const { operator } = makeOperator(
    process({
      onRecord: (_: number, { timers }) => timers.setEventTime(10),
      onTimer: (time, { timers }) => (time < 5_000 ? timers.setEventTime(time + 1) : [time]),
    }),
  )
  const emitted: unknown[] = []
  const output = { emit: ({ values }: { values: readonly unknown[] }) => void emitted.push(...values), emitSide() {} }
  operator.processBatch({ values: [0, 0], timestamps: [5, 5_000], keys: ['a', 'b'] }, output, 0)
  operator.onWatermark(Number.MAX_SAFE_INTEGER, output)
  expect(emitted).toEqual([5_000, 5_000])
})

test('a call that throws leaves nothing of its writes, timers and outputs', async () => {
  const tested = process({
    state: {
      value: state.value<number>(),
      list: state.list<number>(),
      map: state.map<number, number>(),
      total: state.reducing(sum((n: number) => n)),
    },
    *onRecord(n: number, { state: { value, list, map, total }, timers, output }) {
      value.set(n)
      if (n === 2) list.clear()
      list.add(n)
      map.delete(1)
      map.set(n, n)
      total.add(n)
      timers.setEventTime(n)
      if (n === 2) timers.deleteEventTime(1)
      output(late, n)
      yield n
      if (n === 2) throw new Error('half-way')
      yield [value.get(), list.get(), [...map.entries()], total.get()]
    },
    onTimer: (time) => [time],
  })
  const { metrics, operator } = await runTable(
    { ...tested, onError: 'skip' },
    `in   a:1@1 b:2@1 a:2@2
     out  1@1
     out  [1,[1],[[1,1]],1]@1
     out  late: 1@1
     in   b:2@2 a:3@3
     out  3@3
     out  [3,[1,3],[[3,3]],4]@3
     out  late: 3@3
     wm   5
     out  1@1
     out  3@3`,
  )
  expect(metrics.recordsSkipped).toBe(3)
  // Nothing of b, all of whose records were skipped.
  expect(operator.snapshot()!.keyGroups.size).toBe(1)
})

test('onTimer that throws is skipped with its writes, and names the key', async () => {
  const tested = process({
    state: { fired: state.value<number>() },
    onRecord: (n: number, { timers }) => timers.setEventTime(n),
    onTimer(time, { state: { fired } }) {
      const before = fired.get() ?? 0
      fired.set(time)
      if (time === 2) throw new Error('no')
      return [before]
    },
  })
  const { metrics } = await runTable(
    { ...tested, onError: 'skip' },
    `in   a:1 a:2 a:3
     wm   10
     out  0@1
     out  1@3`,
  )
  expect(metrics.recordsSkipped).toBe(1)
  await expect(runTable(tested, 'in a:2\nwm 10')).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message: 'Job test, operator process-1, key "a": no',
  })
})

test.each<[string, ProcessSpec<never, string, Record<never, never>, unknown>, string, string]>([
  [
    'a promise',
    { onRecord: async () => [1] } as never,
    'LF_USER_RESULT',
    'the function returned a promise, not an array',
  ],
  ['text', { onRecord: () => 'ab' as never }, 'LF_USER_RESULT', 'the function returned a string, not an array'],
  ['null', { onRecord: () => null as never }, 'LF_USER_RESULT', 'the function returned null, not an array'],
  [
    'a timer without onTimer',
    { onRecord: (_, { timers }) => timers.setEventTime(1) },
    'LF_USER_CONTEXT',
    'a timer was set, but there is no onTimer',
  ],
])('%s is an error under either setting', async (_, spec, code, message) => {
  for (const onError of ['fail', 'skip'] as const)
    await expect(runTable({ ...process(spec), onError }, 'in a:1@1')).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
})

test('a timer for no time at all is an error of its record', async () => {
  const tested = process({ onRecord: (n: number, { timers }) => timers.setEventTime(n * NaN), onTimer: () => [] })
  const { metrics } = await runTable({ ...tested, onError: 'skip' }, 'in a:1@1 a:2@2')
  expect(metrics.recordsSkipped).toBe(2)
  await expect(runTable(tested, 'in a:1@1')).rejects.toThrow(
    'a timer was set for NaN, which is no time in milliseconds',
  )
})

test('state of other names or kinds is refused, a new state starts empty, and a time to live may be changed', () => {
  const withState = (specs: StateSpecs, onTimer = true) =>
    makeOperator(process({ state: specs, onRecord: () => [], ...(onTimer && { onTimer: () => [] }) }))
  const left = (specs: StateSpecs) => {
    const { operator } = makeOperator(
      process({
        state: specs,
        onRecord(n: number, context) {
          for (const each of Object.values(context.state as Record<string, { set(n: number): void }>)) each.set(n)
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
      message: "Job test: the checkpoint's state of operator process-1 is of 'value a', the program's is 'value b'.",
    }),
  )
  expect(() => withState({ a: state.list() }).operator.restore(left({ a: value }))).toThrow(
    "'value a', the program's is 'list a'",
  )
  expect(() => withState({ a: value }, false).operator.restore(left({ a: value }))).toThrow(
    "'timers', the program's is 'no onTimer'",
  )
  withState({ a: value, b: value }).operator.restore(left({ a: value }))
  const { operator } = withState({ a: state.value<number>({ ttl: 500 }) })
  operator.restore(left({ a: value }))
  expect(operator.processingTimeDue!()).toBe(600)
  withState({ a: value }).operator.restore(left({ a: state.value<number>({ ttl: 500 }) }))
})

test('many results are emitted in pieces, each only after the one before was taken', async () => {
  const { operator } = makeOperator(
    process({
      onRecord(n: number, { timers, output }) {
        timers.setEventTime(n)
        output(late, n)
        return Array.from({ length: 1_000 }, () => n)
      },
      onTimer: (time) => Array.from({ length: 1_000 }, () => time),
    }),
  )
  const sizes: number[] = []
  let taking = false
  const take = async ({ values }: { readonly values: readonly unknown[] }) => {
    expect(taking).toBe(false)
    taking = true
    sizes.push(values.length)
    await Promise.resolve()
    taking = false
  }
  const output = { emit: take, emitSide: (_: string, batch: { readonly values: readonly unknown[] }) => take(batch) }
  const numbers = [0, 1, 2, 3, 4, 5, 6]
  await operator.processBatch({ values: numbers, timestamps: numbers, keys: numbers.map(() => 'a') }, output, 0)
  await operator.onWatermark(100, output)
  expect(Math.max(...sizes)).toBeLessThan(4_000)
  expect(sizes.reduce((a, b) => a + b)).toBe(7 * 1_000 * 2 + 7)
})
