import { count, sum } from '@lightflus/api'
import { createGeneralWindow } from './general-window.ts'
import { createWindow } from './window.ts'
import { makeOperator, runTable, type TestedOperator } from '../../testing/operator-table.ts'

// Goal: the ordinary windows, one result on time and then one for each late record, whichever operator runs them.
describe.each([
  ['the operator that suits them', createWindow],
  ['the general one', createGeneralWindow],
])('tumbling windows by %s', (_name, create) => {
  const counting = (allowedLatenessMs = 0, offsetMs = 0): TestedOperator<'window'> => ({
    kind: 'window',
    create,
    options: {
      windower: { kind: 'tumbling', sizeMs: 10, offsetMs, time: 'event' },
      allowedLatenessMs,
      lateOutput: null,
      trigger: null,
      panes: 'accumulating',
      keyed: true,
      aggregates: ['n'],
    },
    functions: { aggregates: { n: count() } },
  })

  test('a window fires once the watermark has reached its end, and not before', async () => {
    await runTable(
      counting(),
      `in   a:0@0 b:0@3 a:0@9 a:0@10
     wm   9
     out
     wm   10
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":2}@9
     out  {"key":"b","window":{"start":0,"end":10},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@9
     wm   20
     out  {"key":"a","window":{"start":10,"end":20},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@19`,
    )
  })

  test('windows fire in the order of their ends, also when the watermark jumps', async () => {
    await runTable(
      counting(),
      `in   a:0@25 a:0@1 a:0@-5 a:0@14
     wm   max
     out  {"key":"a","window":{"start":-10,"end":0},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@-1
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@9
     out  {"key":"a","window":{"start":10,"end":20},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@19
     out  {"key":"a","window":{"start":20,"end":30},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@29`,
    )
  })

  test('an offset shifts the windows', async () => {
    await runTable(
      counting(0, 3),
      `in   a:0@2 a:0@3 a:0@12 a:0@13
     wm   max
     out  {"key":"a","window":{"start":-7,"end":3},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@2
     out  {"key":"a","window":{"start":3,"end":13},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":2}@12
     out  {"key":"a","window":{"start":13,"end":23},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@22`,
    )
  })

  test('late records are dropped and counted', async () => {
    const { metrics } = await runTable(
      counting(),
      `in   a:0@5
     wm   10
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@9
     in   a:0@9 a:0@10 a:0@3 a:0@2
     out
     wm   20
     out  {"key":"a","window":{"start":10,"end":20},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@19`,
    )
    expect(metrics.recordsLate).toBe(3)
  })

  test('within the allowed lateness a late record corrects its window at once', async () => {
    const { metrics } = await runTable(
      counting(5),
      `in   a:0@5
     wm   10
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":false},"n":1}@9
     in   a:0@6 b:0@7 a:0@11
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"late","index":1,"isFirst":false,"isLast":false},"n":2}@9
     out  {"key":"b","window":{"start":0,"end":10},"pane":{"timing":"late","index":0,"isFirst":true,"isLast":false},"n":1}@9
     wm   14
     in   a:0@8
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"late","index":2,"isFirst":false,"isLast":false},"n":3}@9
     wm   15
     in   a:0@9
     out
     wm   max
     out  {"key":"a","window":{"start":10,"end":20},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@19`,
    )
    expect(metrics.recordsLate).toBe(1)
  })

  test('a reduce keeps one value for each key and window', async () => {
    await runTable(
      {
        ...counting(),
        options: { ...counting().options, aggregates: null },
        functions: { reduce: (a: number, b: number) => Math.max(a, b) },
      },
      `in   a:3@1 a:7@2 a:5@3 b:1@11
     wm   30
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"value":7}@9
     out  {"key":"b","window":{"start":10,"end":20},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"value":1}@19`,
    )
  })

  test('a record without event time is an error that says what to do', async () => {
    await expect(runTable(counting(), 'in a:0@1 a:0')).rejects.toMatchObject({
      code: 'LF_RECORD_EVENT_TIME',
      message: 'Job test, operator window-1, record p@a:0: the record has none.',
      nextStep: expect.stringContaining('eventTime'),
    })
    const { metrics } = await runTable(
      { ...counting(), onError: 'skip' },
      `in   a:0 a:0@1 a:0 a:0
     wm   10
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":1}@9`,
    )
    expect(metrics.recordsSkipped).toBe(3)
  })

  test('a record on which an aggregate throws is skipped, and makes no empty result', async () => {
    const picky = sum((value: number) => {
      if (value === 0) throw new Error('zero')
      return value
    })
    const { metrics } = await runTable(
      { ...counting(), functions: { aggregates: { n: picky } }, onError: 'skip' },
      `in   a:0@1 b:2@2 b:0@3 b:3@4
     wm   10
     out  {"key":"b","window":{"start":0,"end":10},"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true},"n":5}@9`,
    )
    expect(metrics.recordsSkipped).toBe(2)
  })

  test('a result that throws names key and window', async () => {
    const broken = {
      ...count(),
      result: () => {
        throw new Error('no result')
      },
    }
    await expect(
      runTable({ ...counting(), functions: { aggregates: { n: broken } } }, 'in a:0@1\nwm 10'),
    ).rejects.toMatchObject({
      code: 'LF_USER_FUNCTION',
      message: 'Job test, operator window-1, key "a", window from 1970-01-01T00:00:00.000Z: no result',
    })
  })

  test('state of windows of another size is refused', () => {
    const { operator } = makeOperator(counting())
    const state = { shape: 'tumbling 20+0 ms, aggregate n', watermark: 0 }
    expect(() => operator.restore({ subtasks: [state], keyGroups: new Map() })).toThrow(
      /the program's is 'tumbling 10\+0 ms.*, aggregate n: count'/,
    )
  })

  test('after a rescale, windows of the subtask that was behind fire before anything is added to them', async () => {
    // Watermarks of subtasks differ at a barrier only where inputs had been idle. The one ahead had fired [0, 10).
    const behind = makeOperator(counting(5))
    const ahead = makeOperator(counting(5))
    const nowhere = { emit() {}, emitSide() {} }
    for (const [run, key, watermark] of [
      [behind, 'a', 5],
      [ahead, 'b', 12],
    ] as const) {
      await run.operator.processBatch({ values: [0], timestamps: [3], keys: [key] }, nowhere, 0)
      await run.operator.onWatermark(watermark, nowhere)
    }
    const states = [behind, ahead].map(({ operator }) => structuredClone(operator.snapshot()!))
    const { operator, metrics } = makeOperator(counting(5))
    operator.restore({
      subtasks: states.map(({ subtask }) => subtask),
      keyGroups: new Map(states.flatMap(({ keyGroups }) => [...keyGroups])),
    })
    const emitted: unknown[] = []
    const output = { emit: ({ values }: { values: readonly unknown[] }) => void emitted.push(...values), emitSide() {} }
    await operator.processBatch({ values: [0, 0], timestamps: [4, 4], keys: ['a', 'b'] }, output, 0)
    const window = { start: 0, end: 10 }
    expect(emitted).toEqual([
      { key: 'a', window, pane: { timing: 'onTime', index: 0, isFirst: true, isLast: false }, n: 1 },
      { key: 'a', window, pane: { timing: 'late', index: 1, isFirst: false, isLast: false }, n: 2 },
      { key: 'b', window, pane: { timing: 'late', index: 1, isFirst: false, isLast: false }, n: 2 },
    ])
    expect(metrics.recordsLate).toBe(0)
  })
})
