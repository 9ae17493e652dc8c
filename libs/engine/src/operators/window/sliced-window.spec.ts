import { count, fold, sum } from '@lightflus/api'
import type { RecordBatch } from '../../record.ts'
import { makeOperator, runTable, type TestedOperator } from '../../testing/operator-table.ts'
import { slidingSums, type TestedWindow } from '../../testing/sliding-sums.ts'
import { createSlicedWindow } from './window.ts'

const sliced = (tested: TestedWindow): TestedOperator<'window'> => ({
  ...tested,
  kind: 'window',
  create: createSlicedWindow,
})
const only = '"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true}'
const first = '"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":false}'
const late = (index: number) => `"pane":{"timing":"late","index":${index},"isFirst":${index === 0},"isLast":false}`
const row = (start: number, end: number, pane: string, n: number, key = 'a') =>
  `{"key":"${key}","window":{"start":${start},"end":${end}},${pane},"n":${n}}@${end - 1}`

test('a record counts in every window that holds it, and a key without records in a window has no result', async () => {
  await runTable(
    sliced(slidingSums({ sizeMs: 10, slideMs: 5 })),
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
    sliced(slidingSums({ sizeMs: 5, slideMs: 3, offsetMs: 1 })),
    `in   a:1@1 a:2@2 a:4@3 a:8@4
     wm   max
     out  ${row(-2, 3, only, 3)}
     out  ${row(1, 6, only, 15)}
     out  ${row(4, 9, only, 8)}`,
  )
  const { metrics } = await runTable(
    sliced(slidingSums({ sizeMs: 2, slideMs: 5 })),
    `in   a:1@0 a:2@1 a:4@2 a:8@4 a:16@5
     wm   max
     out  ${row(0, 2, only, 3)}
     out  ${row(5, 7, only, 16)}`,
  )
  expect(metrics.recordsLate).toBe(0)
})

test('a late record on which a function throws is skipped alone, not the one behind it', async () => {
  const tested = slidingSums({ sizeMs: 10, slideMs: 5 })
  const n = sum((value: number) => {
    if (value === 0) throw new Error('no')
    return value
  })
  const { metrics } = await runTable(
    { ...sliced({ ...tested, functions: { aggregates: { n } } }), onError: 'skip' },
    `wm   12
     in   a:0@8 a:1@9 a:2@8
     wm   max
     out  ${row(5, 15, only, 3)}`,
  )
  expect(metrics.recordsSkipped).toBe(1)
})

test('a late record corrects the windows that still take it, and counts in those to come', async () => {
  const { metrics } = await runTable(
    sliced(slidingSums({ sizeMs: 10, slideMs: 5, allowedLatenessMs: 5, lateOutput: 'late' })),
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
    { ...sliced(slidingSums({ sizeMs: 10, slideMs: 5, allowedLatenessMs: 5 })), bounded: true },
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
  const tested = { ...slidingSums({ sizeMs: 10, slideMs: 5 }), functions: { aggregates: { n: broken } } }
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
  const { options, functions } = slidingSums({ sizeMs: 10, slideMs: 5 })
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
  const tested = sliced(slidingSums({ sizeMs: 10, slideMs: 5 }))
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
  const { operator } = makeOperator(sliced(slidingSums({ sizeMs: 10, slideMs: 5 })))
  const state = { shape: 'sliding 10/2+0 ms in slices, aggregate n: sum', watermark: 0 }
  expect(() => operator.restore({ subtasks: [state], keyGroups: new Map() })).toThrow(
    "the program's is 'sliding 10/5+0 ms in slices, aggregate n: sum'",
  )
})

test('more corrections than fit into a batch come in several, and wait for the output', async () => {
  const { operator } = makeOperator(sliced(slidingSums({ sizeMs: 3_000, slideMs: 1, allowedLatenessMs: 5_000 })))
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
    sliced(slidingSums({ sizeMs: 10, slideMs: 5, allowedLatenessMs: 5 })),
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
  const windows = slidingSums({ sizeMs: 100, slideMs: 1 })
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
