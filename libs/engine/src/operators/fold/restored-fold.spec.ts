import {
  avg,
  count,
  countWindow,
  fold,
  generator,
  job,
  session,
  sliding,
  sum,
  table,
  tumbling,
  type AggregatesOf,
  type KeyedStream,
  type OperatorDefinition,
  type Stream,
} from '@lightflus/api'
import fc from 'fast-check'
import { maxWatermark, type RecordBatch } from '../../record.ts'
import { makeOperator } from '../../testing/operator-table.ts'
import { createInnerOperator } from '../create-operator.ts'
import type { Operator, OperatorContext } from '../operator.ts'

// Goal: aggregates that a next version adds, leaves out, moves and migrates, over what the former version had folded.

type Keyed = KeyedStream<number, string>
type Program = (keyed: Keyed) => Stream<unknown>

/** The operator named `folded` of a program. */
function operatorOf(program: Program): Operator {
  const built = job('test', (flow) => {
    const numbers = flow.source(generator.source({ generate: (index): number => index }))
    program(numbers.keyBy((n): string => `k${n}`)).sinkTo(table.sink({ row: (value) => ({ value: String(value) }) }))
  }).build()
  const { node, functions } = built.operators.get('folded') as OperatorDefinition<'window'>
  const create = (context: OperatorContext<'window'>) => createInnerOperator(node.kind, context)
  return makeOperator({ kind: node.kind, functions, options: node.options, create }).operator
}

type Rows = readonly (readonly [key: string, value: number])[]
type Result = Readonly<Record<string, unknown>>

async function resultsOf(operator: Operator, rows: Rows, isEnd: boolean): Promise<Result[]> {
  const results: Result[] = []
  const output = { emit: (batch: RecordBatch) => void results.push(...(batch.values as Result[])), emitSide() {} }
  if (rows.length > 0)
    await operator.processBatch(
      { keys: rows.map(([key]) => key), values: rows.map(([, value]) => value), timestamps: rows.map(() => 5) },
      output,
      0,
    )
  if (isEnd) await operator.onWatermark(maxWatermark, output)
  return results
}

function takeOver(former: Operator, present: Operator): Operator {
  const { subtask, keyGroups } = structuredClone(former.snapshot()!)
  present.restore({ subtasks: [subtask], keyGroups })
  return present
}

/** The same aggregates wherever there are any; records all lie in one window. */
const places = {
  'for ever': (aggregates: AggregatesOf<number>, startEmpty: readonly string[] = []): Program => {
    return (keyed) => keyed.aggregate(aggregates, { name: 'folded', startEmpty })
  },
  'in slices': (aggregates: AggregatesOf<number>, startEmpty: readonly string[] = []): Program => {
    return (keyed) => keyed.window(tumbling(10), { name: 'folded', startEmpty }).aggregate(aggregates)
  },
  'in slices of several windows': (aggregates: AggregatesOf<number>, startEmpty: readonly string[] = []): Program => {
    return (keyed) => keyed.window(sliding(10, { every: 5 }), { name: 'folded', startEmpty }).aggregate(aggregates)
  },
  'in sessions': (aggregates: AggregatesOf<number>, startEmpty: readonly string[] = []): Program => {
    return (keyed) => keyed.window(session(10), { name: 'folded', startEmpty }).aggregate(aggregates)
  },
  'in windows of so many': (aggregates: AggregatesOf<number>, startEmpty: readonly string[] = []): Program => {
    return (keyed) => keyed.window(countWindow(1_000), { name: 'folded', startEmpty }).aggregate(aggregates)
  },
}

const rows = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 9 })), {
  minLength: 1,
  maxLength: 8,
})
const self = (n: number): number => n
const list = (version?: number) =>
  fold(
    () => [] as string[],
    (all, n: number) => [...all, `${n}${version === undefined ? '' : '!'}`],
    {
      merge: (a, b) => [...a, ...b],
      ...(version !== undefined && { version, migrate: (former: string[]) => former.map((each) => `${each}!`) }),
    },
  )

describe.each(Object.entries(places))('%s', (_place, programOf) => {
  const former = programOf({ gone: avg(self), n: count(), total: sum(self), all: list() })
  const present = programOf({ all: list(2), added: count(), total: sum(self), n: count() }, ['added'])

  test('what is left goes on, what is new has what comes, and what has a new version is migrated', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (before, after) => {
        const first = operatorOf(former)
        await resultsOf(first, before, false)
        const second = takeOver(first, operatorOf(present))
        const last = new Map((await resultsOf(second, after, true)).map((result) => [result['key'], result]))
        for (const [key, result] of last) {
          const own = [...before, ...after].filter((row) => row[0] === key).map(([, n]) => n)
          expect(result).toMatchObject({
            n: own.length,
            total: own.reduce((a, b) => a + b, 0),
            all: own.map((n) => `${n}!`),
            added: after.filter((row) => row[0] === key).length,
          })
          expect(result).not.toHaveProperty('gone')
        }
        expect([...last.keys()]).toEqual(expect.arrayContaining(after.map(([key]) => key)))
      }),
      { numRuns: 30 },
    )
  })

  test('columns of numbers change as objects do', async () => {
    const first = operatorOf(programOf({ mean: avg(self), n: count() }))
    await resultsOf(first, [['a', 4]], false)
    const second = takeOver(first, operatorOf(programOf({ n: count(), total: sum(self) }, ['total'])))
    const results = await resultsOf(second, [['a', 3]], true)
    expect(results.at(-1)).toMatchObject({ key: 'a', n: 2, total: 3 })
  })

  test('all that does not fit is said at once, each with its remedy', async () => {
    const first = operatorOf(programOf({ changed: count(), newer: list(3), older: list() }))
    await resultsOf(first, [['a', 1]], false)
    const unable = fold(
      () => 0,
      (all, n: number) => all + n,
      { version: 2, merge: (a, b) => a + b },
    )
    const second = operatorOf(programOf({ added: count(), changed: sum(self), newer: list(), older: unable }))
    expect(() => takeOver(first, second)).toThrow(
      expect.objectContaining({
        code: 'LF_RESTORE_MISMATCH',
        message: expect.stringMatching(
          /^Job test: the checkpoint's state of operator \w+-1 does not fit: added is not in it; changed is count, and sum in the program; newer is of version 3, and of version 1 in the program; older is of version 1, and of version 2 in the program, which has no migrate\.$/,
        ) as string,
        nextStep: expect.stringMatching(/^Say `startEmpty: \['added'\]` in .*: --drop-state \w+-1\.$/) as string,
      }),
    )
  })
})

test.each<[string, (keyed: Keyed, version?: number) => Stream<unknown>]>([
  [
    'for ever',
    (keyed, version) => keyed.reduce(Math.max, { name: 'folded', ...(version && { version, migrate: times10 }) }),
  ],
  [
    'in windows',
    (keyed, version) =>
      keyed.window(tumbling(10), { name: 'folded' }).reduce(Math.max, version ? { version, migrate: times10 } : {}),
  ],
])('what a reduce %s has made is migrated', async (_place, program) => {
  const first = operatorOf((keyed) => program(keyed))
  await resultsOf(first, [['a', 4]], false)
  const second = takeOver(
    first,
    operatorOf((keyed) => program(keyed, 2)),
  )
  expect((await resultsOf(second, [['a', 7]], true)).at(-1)).toMatchObject({ value: 40 })
  expect(() =>
    takeOver(
      second,
      operatorOf((keyed) => program(keyed)),
    ),
  ).toThrow('the value is of version 2, and of version 1 in the program')
})

const times10 = (former: number): number => former * 10

test('an error of a migration names the aggregate and the key', async () => {
  const failing = fold(
    () => 0,
    (all, n: number) => all + n,
    {
      version: 2,
      migrate: () => {
        throw new Error('not so')
      },
    },
  )
  const first = operatorOf(
    places['for ever']({
      all: fold(
        () => 0,
        (all, n: number) => all + n,
      ),
    }),
  )
  await resultsOf(first, [['a', 1]], false)
  expect(() => takeOver(first, operatorOf(places['for ever']({ all: failing })))).toThrow(
    'Job test, operator aggregate-1: the value of all of key "a" cannot be migrated from version 1 to 2: not so',
  )
})
