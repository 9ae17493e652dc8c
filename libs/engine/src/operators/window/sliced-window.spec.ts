import { count, fold, sum, type Key } from '@lightflus/api'
import fc from 'fast-check'
import type { OperatorState } from '../operator.ts'
import { keyGroupOf, subtaskOfKeyGroup } from '../../key-group.ts'
import { maxWatermark, type RecordBatch } from '../../record.ts'
import { makeOperator, runTable, type TableRun, type TestedOperator } from '../../testing/operator-table.ts'
import { createGeneralWindow } from './general-window.ts'
import { createSlicedWindow } from './sliced-window.ts'

interface Shape {
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs?: number
  readonly allowedLatenessMs?: number
  readonly lateOutput?: string
}

type Tested = Pick<TestedOperator<'window'>, 'functions' | 'options' | 'bounded' | 'onError'>

function sliding({ sizeMs, slideMs, offsetMs = 0, allowedLatenessMs = 0, lateOutput }: Shape): Tested {
  return {
    options: {
      windower: { kind: 'sliding', sizeMs, slideMs, offsetMs, time: 'event' },
      allowedLatenessMs,
      lateOutput: lateOutput ?? null,
      trigger: null,
      panes: 'accumulating',
      keyed: true,
      aggregates: ['n'],
    },
    functions: { aggregates: { n: sum((value: number) => value) } },
  }
}

const sliced = (tested: Tested): TestedOperator<'window'> => ({ ...tested, kind: 'window', create: createSlicedWindow })
const general = (tested: Tested): TestedOperator<'window'> => ({
  ...tested,
  kind: 'window',
  create: createGeneralWindow,
})

const only = '"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true}'
const first = '"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":false}'
const late = (index: number) => `"pane":{"timing":"late","index":${index},"isFirst":${index === 0},"isLast":false}`
const row = (start: number, end: number, pane: string, n: number, key = 'a') =>
  `{"key":"${key}","window":{"start":${start},"end":${end}},${pane},"n":${n}}@${end - 1}`

test('a record counts in every window that holds it, and a key without records in a window has no result', async () => {
  await runTable(
    sliced(sliding({ sizeMs: 10, slideMs: 5 })),
    `in   a:1@3 a:2@7 a:4@31 b:8@12
     wm   max
     out  ${row(-5, 5, only, 1)}
     out  ${row(0, 10, only, 3)}
     out  ${row(5, 15, only, 2)}
     out  ${row(5, 15, only, 8, 'b')}
     out  ${row(10, 20, only, 8, 'b')}
     out  ${row(25, 35, only, 4)}
     out  ${row(30, 40, only, 4)}`,
  )
})

test('a size that is no multiple of the slide, and windows with gaps between them', async () => {
  await runTable(
    sliced(sliding({ sizeMs: 5, slideMs: 3, offsetMs: 1 })),
    `in   a:1@1 a:2@2 a:4@3 a:8@4
     wm   max
     out  ${row(-2, 3, only, 3)}
     out  ${row(1, 6, only, 15)}
     out  ${row(4, 9, only, 8)}`,
  )
  const { metrics } = await runTable(
    sliced(sliding({ sizeMs: 2, slideMs: 5 })),
    `in   a:1@0 a:2@1 a:4@2 a:8@4 a:16@5
     wm   max
     out  ${row(0, 2, only, 3)}
     out  ${row(5, 7, only, 16)}`,
  )
  expect(metrics.recordsLate).toBe(0)
})

test('a late record corrects the windows that still take it, and counts in those to come', async () => {
  const { metrics } = await runTable(
    sliced(sliding({ sizeMs: 10, slideMs: 5, allowedLatenessMs: 5, lateOutput: 'late' })),
    `in   a:1@7
     wm   12
     out  ${row(0, 10, first, 1)}
     in   a:2@8 b:4@6 a:8@2
     out  ${row(0, 10, late(1), 3)}
     out  ${row(0, 10, late(0), 4, 'b')}
     out  ${row(0, 10, late(2), 11)}
     wm   15
     out  ${row(5, 15, first, 3)}
     out  ${row(5, 15, first, 4, 'b')}
     in   a:16@9 a:32@4
     out  ${row(5, 15, late(1), 19)}
     out  late: 32@4
     wm   max`,
  )
  expect(metrics.recordsLate).toBe(1)
})

test('a bounded job has one result for each window, when nothing can be late for it any more', async () => {
  await runTable(
    { ...sliced(sliding({ sizeMs: 10, slideMs: 5, allowedLatenessMs: 5 })), bounded: true },
    `in   a:1@7
     wm   12
     out
     in   a:2@8
     wm   15
     out  ${row(0, 10, only, 3)}
     wm   max
     out  ${row(5, 15, only, 3)}`,
  )
})

test('a result that throws names key and window, and is left out where that is wished', async () => {
  const broken = fold(
    () => 0,
    (total, value: number) => total + value,
    {
      merge: (a, b) => a + b,
      result(total) {
        if (total === 3) throw new Error('three')
        return total
      },
    },
  )
  const tested = { ...sliding({ sizeMs: 10, slideMs: 5 }), functions: { aggregates: { n: broken } } }
  const table = 'in a:1@3 a:2@7\nwm 15'
  await expect(runTable(sliced(tested), table)).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message: 'Job test, operator window-1, key "a", window from 1970-01-01T00:00:00.000Z: three',
  })
  const { metrics } = await runTable(
    { ...sliced(tested), onError: 'skip' },
    `${table}
     out  ${row(-5, 5, only, 1)}
     out  ${row(5, 15, only, 2)}`,
  )
  expect(metrics.recordsSkipped).toBe(1)
})

test('without a key results have none', async () => {
  const { options, functions } = sliding({ sizeMs: 10, slideMs: 5 })
  await runTable(
    sliced({ options: { ...options, keyed: false }, functions }),
    `in   all:1@3 all:2@7
     wm   10
     out  {"window":{"start":-5,"end":5},${only},"n":1}@4
     out  {"window":{"start":0,"end":10},${only},"n":3}@9
     wm   max
     out  {"window":{"start":5,"end":15},${only},"n":2}@14`,
  )
})

test('a record without event time is an error that says what to do', async () => {
  const tested = sliced(sliding({ sizeMs: 10, slideMs: 5 }))
  await expect(runTable(tested, 'in a:1')).rejects.toMatchObject({ code: 'LF_RECORD_EVENT_TIME' })
  const { metrics } = await runTable(
    { ...tested, onError: 'skip' },
    `in   a:1 a:2@7 a:4
     wm   10
     out  ${row(0, 10, only, 2)}`,
  )
  expect(metrics.recordsSkipped).toBe(2)
})

test('state of other windows is refused', () => {
  const { operator } = makeOperator(sliced(sliding({ sizeMs: 10, slideMs: 5 })))
  const state = { shape: 'sliding 10/2+0 ms in slices, aggregate n: sum', watermark: 0 }
  expect(() => operator.restore({ subtasks: [state], keyGroups: new Map() })).toThrow(
    "the program's is 'sliding 10/5+0 ms in slices, aggregate n: sum'",
  )
})

test('more corrections than fit into a batch come in several, and wait for the output', async () => {
  const { operator } = makeOperator(sliced(sliding({ sizeMs: 3_000, slideMs: 1, allowedLatenessMs: 5_000 })))
  const batches: number[] = []
  let isHeldBack = false
  const output = {
    async emit({ values }: RecordBatch) {
      expect(isHeldBack).toBe(false)
      isHeldBack = true
      batches.push(values.length)
      await Promise.resolve()
      isHeldBack = false
    },
    emitSide() {},
  }
  await operator.processBatch({ values: [1], timestamps: [0], keys: ['a'] }, output, 0)
  await operator.onWatermark(4_000, output)
  expect(batches).toEqual([2_048, 952])
  await operator.processBatch({ values: [1, 1, 1], timestamps: [0, 0, 1], keys: ['a', 'a', 'b'] }, output, 0)
  expect(batches.slice(2)).toEqual([3_000, 3_000, 3_000])
})

test('the state of a key goes with its last window', async () => {
  const { operator } = await runTable(
    sliced(sliding({ sizeMs: 10, slideMs: 5, allowedLatenessMs: 5 })),
    `in   a:1@7
     wm   10
     out  ${row(0, 10, first, 1)}
     in   a:1@7
     out  ${row(0, 10, late(1), 2)}
     wm   15
     out  ${row(5, 15, first, 2)}
     wm   20
     out`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('keys that begin together do not all turn over at once', async () => {
  let merges = 0
  const n = { ...count(), merge: (a: number, b: number) => (merges++, a + b) }
  const windows = sliding({ sizeMs: 100, slideMs: 1 })
  const { operator } = makeOperator(sliced({ ...windows, functions: { aggregates: { n } } }))
  const nowhere = { emit() {}, emitSide() {} }
  const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`)
  const ofFirings: number[] = []
  for (let now = 0; now < 1_000; now++) {
    await operator.processBatch({ values: keys, timestamps: keys.map(() => now), keys }, nowhere, 0)
    merges = 0
    await operator.onWatermark(now + 1, nowhere)
    ofFirings.push(merges)
  }
  const mean = ofFirings.reduce((all, each) => all + each, 0) / ofFirings.length
  expect(mean / keys.length).toBeLessThan(5.1)
  // All at once would be 200 a key, forty times the mean.
  expect(Math.max(...ofFirings)).toBeLessThan(4 * mean)
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

const shape: fc.Arbitrary<Shape> = fc.record({
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

const same = async (tested: Tested, all: readonly Step[]) =>
  expect(await runSteps(sliced(tested), all)).toEqual(await runSteps(general(tested), all))

test('windows that share slices are what windows on their own are', async () => {
  await fc.assert(
    fc.asyncProperty(shape, steps, fc.boolean(), async (windows, all, bounded) => {
      await same({ ...sliding(windows), bounded }, all)
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
          ...sliding(windows),
          options: { ...sliding(windows).options, aggregates: ['all', 'n'] },
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
        ...sliding(windows),
        options: { ...sliding(windows).options, aggregates: null },
        functions: { reduce: (a: unknown, b: unknown) => `${String(a)},${String(b)}` },
      }
      await same(reducing, inOrder)
    }),
    { numRuns: 300 },
  )
})
