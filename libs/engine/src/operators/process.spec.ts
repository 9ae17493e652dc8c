import { sideOutput, state, sum, type ProcessSpec } from '@lightflus/api'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'
import { testedProcess } from '../testing/process-specs.ts'
import { createProcess } from './process.ts'

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

test('a call that throws leaves nothing of its writes, timers and outputs', async () => {
  const tested = testedProcess({
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
  const tested = testedProcess({
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
    await expect(runTable({ ...testedProcess(spec), onError }, 'in a:1@1')).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
})

test('after a restore the watermark is the least of the old subtasks’, of which one may have finished', () => {
  const { operator } = makeOperator(testedProcess({ onRecord: (_: number, { watermark }) => [watermark] }))
  const states = {}
  const watermarks = [Number.MAX_SAFE_INTEGER, 50, 70]
  operator.restore({ subtasks: watermarks.map((watermark) => ({ states, watermark })), keyGroups: new Map() })
  const emitted: unknown[] = []
  const output = { emit: ({ values }: { values: readonly unknown[] }) => void emitted.push(...values), emitSide() {} }
  operator.processBatch({ values: [0], timestamps: [60], keys: ['a'] }, output, 0)
  expect(emitted).toEqual([50])
})

test('many results are emitted in pieces, each only after the one before was taken', async () => {
  const { operator } = makeOperator(
    testedProcess({
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
