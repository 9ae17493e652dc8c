import { count, fold } from '@lightflus/api'
import fc from 'fast-check'
import type { TestedOperator } from '../../testing/operator-table.ts'
import { slidingSums, type SlidingShape, type TestedWindow } from '../../testing/sliding-sums.ts'
import { runSteps, windowSteps, type Step } from '../../testing/window-steps.ts'
import { createGeneralWindow } from './general-window.ts'
import { createSlicedWindow } from './window.ts'

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

const steps = windowSteps(fc.constantFrom('a', 'b', 'c', 'd', 1, 2, 3), fc.integer({ min: -9, max: 9 }))

const shape: fc.Arbitrary<SlidingShape> = fc.record({
  sizeMs: fc.integer({ min: 1, max: 40 }),
  slideMs: fc.integer({ min: 1, max: 25 }),
  offsetMs: fc.nat(30),
  allowedLatenessMs: fc.oneof(fc.constant(0), fc.nat(30)),
  lateOutput: fc.constant('late'),
})

/** In no order within a step. */
async function resultsOf(tested: TestedOperator<'window'>, all: readonly Step[]) {
  const { after, ...counts } = await runSteps([tested], all)
  return { after: after.map((emitted) => emitted.sort()), ...counts }
}

const same = async (tested: TestedWindow, all: readonly Step[]) =>
  expect(await resultsOf(sliced(tested), all)).toEqual(await resultsOf(general(tested), all))

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
