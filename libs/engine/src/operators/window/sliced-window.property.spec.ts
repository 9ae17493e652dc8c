import { count, fold, type Key } from '@lightflus/api'
import fc from 'fast-check'
import type { OperatorState } from '../operator.ts'
import { keyGroupOf, subtaskOfKeyGroup } from '../../key-group.ts'
import { maxWatermark, type RecordBatch } from '../../record.ts'
import { makeOperator, type TableRun, type TestedOperator } from '../../testing/operator-table.ts'
import { slidingSums, type SlidingShape, type TestedWindow } from '../../testing/sliding-sums.ts'
import { createGeneralWindow } from './general-window.ts'
import { createSlicedWindow } from './sliced-window.ts'

// Goal: windows that share slices cannot be told from windows on their own.

const sliced = (tested: TestedWindow): TestedOperator<'window'> => ({
  ...tested,
  kind: 'window',
  create: createSlicedWindow,
})
const general = (tested: TestedWindow): TestedOperator<'window'> => ({
  ...tested,
  kind: 'window',
  create: createGeneralWindow,
})

type Step =
  | { readonly do: 'batch'; readonly records: readonly { key: Key; value: number; timestamp: number }[] }
  | { readonly do: 'watermark'; readonly by: number; readonly first: number; readonly second: number }
  | { readonly do: 'restore'; readonly parallelism: 1 | 2 }

const key = fc.constantFrom('a', 'b', 'c', 'd', 1, 2, 3)

/** Event times move on with the steps, up to 40 ms back and forth: some are late, and some far ahead. */
const steps: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('batch' as const),
          records: fc.array(
            fc.record({ key, value: fc.integer({ min: -9, max: 9 }), timestamp: fc.integer({ min: -40, max: 40 }) }),
            {
              minLength: 1,
              maxLength: 6,
            },
          ),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('watermark' as const),
          by: fc.oneof(fc.nat(12), fc.constant(200)),
          first: fc.nat(1),
          second: fc.nat(1),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('restore' as const),
          parallelism: fc.constantFrom(1 as const, 2 as const),
        }),
      },
    ),
    { maxLength: 25 },
  )
  .map((list) => {
    let now = 0
    return list.map((step, index): Step => {
      if (step.do === 'batch')
        return { ...step, records: step.records.map((record) => ({ ...record, timestamp: now + record.timestamp })) }
      if (step.do === 'watermark') {
        now += step.by
        return { ...step, by: now }
      }
      return { ...step, parallelism: index === list.length ? 1 : step.parallelism }
    })
  })

const shape: fc.Arbitrary<SlidingShape> = fc.record({
  sizeMs: fc.integer({ min: 1, max: 40 }),
  slideMs: fc.integer({ min: 1, max: 25 }),
  offsetMs: fc.nat(30),
  allowedLatenessMs: fc.oneof(fc.constant(0), fc.nat(30)),
  lateOutput: fc.constant('late'),
})

/** Runs one or two subtasks by the steps; what came out after each, in no order within it. */
async function runSteps(tested: TestedOperator<'window'>, all: readonly Step[]) {
  let subtasks: readonly TableRun[] = [makeOperator(tested)]
  let emitted: string[] = []
  let recordsLate = 0
  const take = (name: string) => (batch: RecordBatch) => {
    batch.values.forEach((value, i) => emitted.push(`${name}${JSON.stringify(value)}@${batch.timestamps[i]}`))
  }
  const output = { emit: take(''), emitSide: (name: string, batch: RecordBatch) => take(`${name}: `)(batch) }
  const after: string[][] = []
  for (const step of [...all, { do: 'watermark' as const, by: maxWatermark, first: 1, second: 1 }]) {
    if (step.do === 'batch') {
      for (const [index, { operator }] of subtasks.entries()) {
        const own = step.records.filter(
          (record) => subtaskOfKeyGroup(keyGroupOf(record.key), subtasks.length) === index,
        )
        if (own.length === 0) continue
        const batch = {
          values: own.map(({ value }) => value),
          timestamps: own.map(({ timestamp }) => timestamp),
          keys: own.map((record) => record.key),
        }
        await operator.processBatch(batch, output, 0)
      }
    } else if (step.do === 'watermark') {
      // Subtasks may be apart, as they are where inputs are idle.
      for (const [index, { operator }] of subtasks.entries())
        if (subtasks.length === 1 || [step.first, step.second][index]) await operator.onWatermark(step.by, output)
    } else {
      const states = subtasks.map(({ operator }): OperatorState => structuredClone(operator.snapshot()!))
      for (const { metrics } of subtasks) recordsLate += metrics.recordsLate
      subtasks = Array.from({ length: step.parallelism }, (_, index) => {
        const run = makeOperator(tested)
        const groups = states.flatMap(({ keyGroups }) => [...keyGroups])
        run.operator.restore({
          subtasks: states.map(({ subtask }) => subtask),
          keyGroups: new Map(groups.filter(([group]) => subtaskOfKeyGroup(group, step.parallelism) === index)),
        })
        return run
      })
    }
    after.push(emitted.sort())
    emitted = []
  }
  for (const { metrics } of subtasks) recordsLate += metrics.recordsLate
  return { after, recordsLate }
}

const same = async (tested: TestedWindow, all: readonly Step[]) =>
  expect(await runSteps(sliced(tested), all)).toEqual(await runSteps(general(tested), all))

test('windows that share slices are what windows on their own are', async () => {
  await fc.assert(
    fc.asyncProperty(shape, steps, fc.boolean(), async (windows, all, bounded) => {
      await same({ ...slidingSums(windows), bounded }, all)
    }),
    { numRuns: 1_500 },
  )
})

test('accumulators that change in place, and those that grow, are shared without being mixed up', async () => {
  const numbers = (grows: boolean) => ({
    ...fold(
      () => [] as number[],
      (list, value: number) => {
        list.push(value)
        return list
      },
      {
        // Hands back what it is given where that is possible, as a careless program would.
        merge: (a, b) => (a.length === 0 ? b : (a.push(...b), a)),
        result: (list) => [...list].sort((a, b) => a - b),
      },
    ),
    grows,
  })
  await fc.assert(
    fc.asyncProperty(shape, steps, fc.boolean(), async (windows, all, grows) => {
      await same(
        {
          ...slidingSums(windows),
          options: { ...slidingSums(windows).options, aggregates: ['all', 'n'] },
          functions: { aggregates: { all: numbers(grows), n: count() } },
        },
        all,
      )
    }),
    { numRuns: 500 },
  )
})

test('a reduce sees records in their order', async () => {
  await fc.assert(
    fc.asyncProperty(shape, steps, async (windows, all) => {
      let timestamp = -40
      const inOrder = all.map((step) =>
        step.do === 'batch'
          ? { ...step, records: step.records.map((each) => ({ ...each, timestamp: timestamp++ })) }
          : step,
      )
      const reducing = {
        ...slidingSums(windows),
        options: { ...slidingSums(windows).options, aggregates: null },
        functions: { reduce: (a: unknown, b: unknown) => `${String(a)},${String(b)}` },
      }
      await same(reducing, inOrder)
    }),
    { numRuns: 300 },
  )
})
