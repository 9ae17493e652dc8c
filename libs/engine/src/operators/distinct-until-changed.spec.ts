import type { OperatorFunctions } from '@lightflus/api'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import type { RecordBatch } from '../record.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'
import { VirtualHost } from '../testing/virtual-host.ts'
import { createDistinctUntilChanged } from './distinct-until-changed.ts'

type By = OperatorFunctions['distinctUntilChanged']['by']

const distinct = (by?: By, ttlMs: number | null = null): TestedOperator<'distinctUntilChanged'> => ({
  kind: 'distinctUntilChanged',
  create: createDistinctUntilChanged,
  options: { ttlMs },
  functions: by ? { by } : {},
})

test('of each key those records go on that differ from the one before', async () => {
  await runTable(
    distinct(),
    `in   a:1@1 b:1@2 a:1@3 a:2@4 b:1@5
     out  1@1
     out  1@2
     out  2@4
     wm   10
     now  1000000
     in   a:2@11 b:1@12
     out
     in   a:1@13 b:null@14 b:null@15 b:1
     out  1@13
     out  null@14
     out  1
     end`,
  )
})

test('whole records are compared by their structure', async () => {
  await runTable(
    distinct(),
    `in   a:{"n":1,"tags":["x"]}@1 a:{"tags":["x"],"n":1}@2
     out  {"n":1,"tags":["x"]}@1
     in   a:{"n":1,"tags":["x","y"]}@3
     out  {"n":1,"tags":["x","y"]}@3`,
  )
})

test('by a function, records that differ elsewhere are held back', async () => {
  await runTable(
    distinct(({ on }: { readonly on: boolean | null }) => on),
    `in   a:{"id":1,"on":true}@1 a:{"id":2,"on":true}@2 a:{"id":3,"on":null}@3
     out  {"id":1,"on":true}@1
     out  {"id":3,"on":null}@3
     in   a:{"id":4,"on":null}@4 a:{"id":5,"on":false}@5
     out  {"id":5,"on":false}@5`,
  )
})

test('a repeated value passes again so long after the last that passed, by the clock', async () => {
  const { operator } = await runTable(
    distinct(undefined, 100),
    `now  1000
     in   a:1@1 b:1@2
     out  1@1
     out  1@2
     now  1050
     in   a:2@3 b:1@4
     out  2@3
     now  1099
     in   b:1@5
     out
     now  1100
     in   a:2@6 b:1@7
     out  1@7
     now  1150
     in   a:2@8
     out  2@8
     now  1249
     in   c:3@9
     out  3@9`,
  )
  const groups = [...operator.snapshot()!.keyGroups.values()]
  expect(groups).toHaveLength(2)
  expect(groups).toEqual(
    expect.arrayContaining([
      { keys: ['a'], bys: [2], times: [1150] },
      { keys: ['c'], bys: [3], times: [1249] },
    ]),
  )
})

test('a bounded job forgets nothing, and says everything at once', async () => {
  await runTable(
    { ...distinct(undefined, 100), bounded: true },
    `in   a:1@5
     out  1@5
     now  1000
     in   a:1@6 a:2@7
     out  2@7
     wm   max
     end
     out`,
  )
})

test('a record on which the function fails is as if it had not been', async () => {
  const by = (value: number | null) => {
    if (value === null) throw new Error('no value')
    return value === 0 ? (undefined as never) : value
  }
  const { metrics } = await runTable(
    { ...distinct(by), onError: 'skip' },
    `in   a:1@1 a:null@2 a:1@3 a:0@4 a:1@5 a:2@6
     out  1@1
     out  2@6`,
  )
  expect(metrics.recordsSkipped).toBe(2)
  await expect(runTable(distinct(by), 'in a:null@1')).rejects.toMatchObject({ code: 'LF_USER_FUNCTION' })
  await expect(runTable(distinct(by), 'in a:0@1')).rejects.toMatchObject({
    code: 'LF_USER_RESULT',
    message: expect.stringContaining("'by' returned undefined, not a text, a number, a boolean or null."),
  })
})

test.each(['fail', 'skip'] as const)('a promise is an error under onError %s', async (onError) => {
  const by = (async () => Promise.reject(new Error('nobody waits'))) as unknown as By
  await expect(runTable({ ...distinct(by), onError }, 'in a:1@1')).rejects.toMatchObject({ code: 'LF_USER_RESULT' })
})

test('restored from several subtasks, keys are forgotten in the order of their times', async () => {
  const { operator } = makeOperator(distinct(undefined, 1_000), new VirtualHost(1_200))
  const keyGroups = new Map([
    [1, { keys: ['b'], bys: ['same'], times: [500] }],
    [2, { keys: ['a'], bys: ['same'], times: [100] }],
  ])
  operator.restore({ subtasks: Array(2).fill({ shape: 'distinct until changed by record' }), keyGroups })
  const emitted: RecordBatch[] = []
  const output = { emit: (batch: RecordBatch) => void emitted.push(batch), emitSide() {} }
  await operator.processBatch({ values: ['same', 'same'], timestamps: [1, 2], keys: ['a', 'b'] }, output, 0)
  expect(emitted).toEqual([{ values: ['same'], timestamps: [1] }])
})

test('state of what was compared in another way is refused', () => {
  const { operator } = makeOperator(distinct())
  const restored = { subtasks: [{ shape: 'distinct until changed by function' }], keyGroups: new Map() }
  expect(() => operator.restore(restored)).toThrow(
    "is of 'distinct until changed by function', the program's is 'distinct until changed by record'",
  )
})

type Value = string | number | boolean | null | { readonly n: number; readonly list: readonly number[] }
const object = fc.record(
  { n: fc.constantFrom(0, 1), list: fc.array(fc.constantFrom(0, 1), { maxLength: 1 }) },
  { noNullPrototype: true },
)
/** Few of them, so that they repeat. */
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1) },
  { weight: 1, arbitrary: fc.constantFrom('1', true, null, NaN) },
  { weight: 1, arbitrary: object },
)
const happening = fc.oneof(
  { weight: 8, arbitrary: fc.record({ key: fc.constantFrom('a', 'b', 1), value }) },
  { weight: 3, arbitrary: fc.record({ passMs: fc.constantFrom(1, 20, 40, 99) }) },
  { weight: 1, arbitrary: fc.constant('restore' as const) },
)

test('whatever comes, the records are those that a list of all of them tells', async () => {
  const ttl = fc.constantFrom(null, 1, 100)
  await fc.assert(
    fc.asyncProperty(ttl, fc.array(happening, { maxLength: 60, size: 'max' }), async (ttlMs, happenings) => {
      const host = new VirtualHost()
      const expected: Value[] = []
      const emitted: unknown[] = []
      const output = { emit: ({ values }: RecordBatch) => void emitted.push(...values), emitSide() {} }
      const passed: { readonly key: unknown; readonly value: Value; readonly time: number }[] = []
      let { operator } = makeOperator(distinct(undefined, ttlMs), host)
      for (const each of happenings) {
        if (each === 'restore') {
          const { subtask, keyGroups } = structuredClone(operator.snapshot()!)
          operator = makeOperator(distinct(undefined, ttlMs), host).operator
          operator.restore({ subtasks: [subtask], keyGroups })
        } else if ('passMs' in each) host.advanceTo(host.clock.now() + each.passMs)
        else {
          const time = host.clock.now()
          const before = passed.findLast(({ key }) => key === each.key)
          const isRemembered = before !== undefined && (ttlMs === null || time - before.time < ttlMs)
          if (!isRemembered || !isDeepStrictEqual(before.value, each.value)) {
            passed.push({ ...each, time })
            expected.push(each.value)
          }
          await operator.processBatch({ values: [each.value], timestamps: [1], keys: [each.key] }, output, 0)
        }
      }
      expect(emitted).toEqual(expected)
    }),
    { numRuns: 1_000 },
  )
})
