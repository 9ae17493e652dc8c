import { count, type Aggregate } from '@lightflus/api'
import { createSlicedWindow } from '../operators/window/window.ts'
import { makeOperator } from '../testing/operator-table.ts'
import { createOperatorMetrics } from './metrics.ts'
import { createStateAccount, StateBudget } from './state-budget.ts'

test('what all operators of a slot hold together has a bound, and who passes it is named', () => {
  const budget = new StateBudget(10 * 2 ** 20)
  const accountOf = (operator: string) =>
    createStateAccount({ job: 'orders', operator, metrics: createOperatorMetrics(operator), budget })
  const windows = accountOf('window-1')
  const sums = accountOf('aggregate-1')
  windows.report(50_000, 6 * 2 ** 20)
  sums.report(30_000, 4 * 2 ** 20)
  // What was let go of is there for others.
  windows.report(10, 1_000)
  sums.report(70_000, 8 * 2 ** 20)
  expect(() => windows.report(20_000, 3 * 2 ** 20)).toThrow(
    expect.objectContaining({
      code: 'LF_STATE_TOO_LARGE',
      message:
        'Job orders, operator window-1: it holds 3 MiB of state in 20000 entries, and others of its slot 8 MiB; 10 MiB are allowed.',
      nextStep: expect.stringContaining('raise the parallelism') as string,
    }) as Error,
  )
})

test.each<[string, Aggregate]>([
  ['columns', count()],
  ['maps', { ...count() }],
])('keys that never come again are forgotten with their windows: in %s', async (_where, aggregate) => {
  const { operator, metrics } = makeOperator({
    kind: 'window',
    create: createSlicedWindow,
    options: {
      windower: { kind: 'sliding', sizeMs: 30, slideMs: 10, offsetMs: 0, time: 'event' },
      allowedLatenessMs: 20,
      lateOutput: null,
      trigger: null,
      panes: 'accumulating',
      keyed: true,
      aggregates: ['n'],
    },
    functions: { aggregates: { n: aggregate } },
  })
  const output = { emit() {}, emitSide() {} }
  let most = 0
  for (let slice = 0; slice < 300; slice++) {
    const keys = Array.from({ length: 200 }, (_, i) => `key-${slice}-${i}`)
    await operator.processBatch({ values: keys, timestamps: keys.map(() => 10 * slice), keys }, output, 0)
    await operator.onWatermark(10 * slice, output)
    most = Math.max(most, metrics.stateBytes)
    // A window of three slices, two of lateness, and the one that is open.
    expect(metrics.stateEntries).toBeLessThanOrEqual(6 * 200)
  }
  expect(most).toBeGreaterThan(5 * 200 * 40)
  expect(most).toBeLessThan(6 * 200 * 400)
})
