import { count, sum, type Aggregate } from '@lightflus/api'
import type { RecordBatch } from '../../record.ts'
import { makeOperator, runTable } from '../../testing/operator-table.ts'
import { row, session, tumbling, windows } from '../../testing/window-tables.ts'
import { emittedRecordsMax } from '../operator.ts'

const nowhere = { emit() {}, emitSide() {} }

test('sliding windows hold a record as often as they overlap, and none between two', async () => {
  const overlapping = { kind: 'sliding', sizeMs: 10, slideMs: 5, offsetMs: 0, time: 'event' }
  await runTable(
    windows({ windower: overlapping }),
    `in   a:1@7 a:2@12
     wm   10
     out  ${row('a', '0..10', 'onTime 0 last', '1')}
     wm   max
     out  ${row('a', '5..15', 'onTime 0 last', '1,2')}
     out  ${row('a', '10..20', 'onTime 0 last', '2')}`,
  )
  const { metrics } = await runTable(
    windows({ windower: { ...overlapping, sizeMs: 3 } }),
    `in   a:1@2 a:2@3 a:3@4 a:4@5
     wm   max
     out  ${row('a', '0..3', 'onTime 0 last', '1')}
     out  ${row('a', '5..8', 'onTime 0 last', '4')}`,
  )
  expect(metrics.recordsLate).toBe(0)
})

test('a record is late when all its windows are closed, and goes to the side output with its time', async () => {
  const { metrics } = await runTable(
    windows({ windower: { kind: 'sliding', sizeMs: 10, slideMs: 5, offsetMs: 0, time: 'event' }, lateOutput: 'late' }),
    `wm   10
     in   a:1@4 a:2@6
     out  late: 1@4
     wm   max
     out  ${row('a', '5..15', 'onTime 0 last', '2')}`,
  )
  expect(metrics.recordsLate).toBe(1)
})

test('a session ends where the whole gap follows, and a record between two makes them one', async () => {
  await runTable(
    windows({ windower: session }),
    `in   a:1@0 a:2@5 b:3@2 a:4@12
     wm   5
     out  ${row('a', '0..5', 'onTime 0 last', '1')}
     in   a:5@9
     wm   max
     out  ${row('b', '2..7', 'onTime 0 last', '3')}
     out  ${row('a', '5..17', 'onTime 0 last', '2,4,5')}`,
  )
})

test('the gap of a session may depend on the record', async () => {
  const gap = (value: number) => value
  const byRecord = { windower: { ...session, gapMs: null } }
  await runTable(
    windows(byRecord, { gap }),
    `in   a:20@0 a:3@4 a:1@30
     wm   max
     out  ${row('a', '0..20', 'onTime 0 last', '20,3')}
     out  ${row('a', '30..31', 'onTime 0 last', '1')}`,
  )
  await expect(runTable(windows(byRecord, { gap }), 'in a:0@1')).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message:
      "Job test, operator window-1, record p@a:0@1: the session's gap is 0, not a number of milliseconds above 0.",
  })
})

test('retracting panes take the one before back; of a merged session, those of its parts', async () => {
  await runTable(
    windows({ windower: session, panes: 'retracting', allowedLatenessMs: 100 }),
    `in   a:1@0 a:2@8
     wm   15
     out  ${row('a', '0..5', 'onTime 0', '1')}
     out  ${row('a', '8..13', 'onTime 0', '2')}
     in   a:3@1
     out  <${row('a', '0..5', 'onTime 0', '1')}
     out  >${row('a', '0..6', 'late 1', '1,3')}
     in   a:4@5
     out  -${row('a', '0..6', 'late 1', '1,3')}
     out  <${row('a', '8..13', 'onTime 0', '2')}
     out  >${row('a', '0..13', 'late 2', '1,3,2,4')}`,
  )
})

test('a merged session whose end lies ahead is on time once more', async () => {
  await runTable(
    windows({ windower: session, panes: 'retracting', allowedLatenessMs: 100 }),
    `in   a:1@0
     wm   6
     out  ${row('a', '0..5', 'onTime 0', '1')}
     in   a:2@4
     wm   9
     out  <${row('a', '0..5', 'onTime 0', '1')}
     out  >${row('a', '0..9', 'onTime 1', '1,2')}`,
  )
})

test('windows of processing time hold what arrives while they last, and nothing is late', async () => {
  await runTable(
    windows({ windower: { ...tumbling, time: 'processing' } }),
    `now  3
     in   a:1@900 a:2
     wm   5000
     now  9
     out
     now  10
     out  ${row('a', '0..10', 'onTime 0 last', '1,2')}
     in   a:3@1
     now  13
     in   a:4@2
     wm   max
     out  ${row('a', '10..20', 'onTime 0 last', '3,4')}`,
  )
})

test('what is not keyed has no key, and a global window no bounds but the time of its newest record', async () => {
  const pane = '"pane":{"timing":"onTime","index":0,"isFirst":true,"isLast":true}'
  await runTable(
    windows({ windower: { kind: 'global' }, keyed: false }),
    `in   x:1@7 x:2@3 x:3
     wm   max
     out  {${pane},"all":[1,2,3]}@7`,
  )
  await runTable(windows({ keyed: false }), `in x:1@7\nwm max\nout {"window":{"start":0,"end":10},${pane},"all":[1]}@9`)
})

describe('a record that is skipped leaves everything as it was', () => {
  const picky: Aggregate<number, { total: number }, number> = {
    create: () => ({ total: 0 }),
    add(into, value) {
      into.total += value
      if (into.total > 5) throw new Error('too much')
      return into
    },
    merge(a, b) {
      a.total += b.total
      return a
    },
    result: ({ total }) => total,
  }
  const small = (value: number) => {
    if (value > 5) throw new Error('too much')
    return value
  }
  const out = (window: string, n: number) =>
    row('a', window, 'onTime 0 last', String(n)).replace('"all":[', '"n":').replace(']}@', '}@')

  test('in all windows that hold it', async () => {
    const sliding = {
      windower: { kind: 'sliding', sizeMs: 10, slideMs: 5, offsetMs: 0, time: 'event' },
      aggregates: ['n'],
    }
    const { metrics } = await runTable(
      { ...windows(sliding, { aggregates: { n: picky } }), onError: 'skip' },
      `in   a:4@6 a:1@2 a:1@6 a:1@11
       wm   max
       out  ${out('-5..5', 1)}
       out  ${out('0..10', 5)}
       out  ${out('5..15', 5)}
       out  ${out('10..20', 1)}`,
    )
    expect(metrics.recordsSkipped).toBe(1)
  })

  test('and in sessions that it would have merged', async () => {
    const { metrics } = await runTable(
      { ...windows({ windower: session, aggregates: ['n'] }, { aggregates: { n: sum(small) } }), onError: 'skip' },
      `in   a:1@0 a:2@8 a:9@4 a:3@13
       wm   max
       out  ${out('0..5', 1)}
       out  ${out('8..13', 2)}
       out  ${out('13..18', 3)}`,
    )
    expect(metrics.recordsSkipped).toBe(1)
  })
})

test('a result that throws is left out, and the window goes on', async () => {
  const flaky = {
    ...count(),
    result: (n: number) => {
      if (n === 1) throw new Error('one')
      return n
    },
  }
  await runTable(
    { ...windows({ allowedLatenessMs: 5, aggregates: ['n'] }, { aggregates: { n: flaky } }), onError: 'skip' },
    `in   a:1@1
     wm   10
     out
     in   a:2@2
     out  {"key":"a","window":{"start":0,"end":10},"pane":{"timing":"late","index":0,"isFirst":true,"isLast":false},"n":2}@9`,
  )
})

test('state of other windows, panes or triggers is refused; other times of a trigger are not', () => {
  const { operator } = makeOperator(windows({ trigger: { kind: 'sequence', triggers: [{ kind: 'count', count: 1 }] } }))
  const { subtask } = operator.snapshot()!
  const restoredInto = (options: Readonly<Record<string, unknown>>) => () =>
    makeOperator(windows(options)).operator.restore({ subtasks: [subtask], keyGroups: new Map() })
  expect(restoredInto({ trigger: { kind: 'sequence', triggers: [{ kind: 'every', everyMs: 9 }] } })).not.toThrow()
  expect(restoredInto({})).toThrow(expect.objectContaining({ code: 'LF_RESTORE_MISMATCH' }))
  expect(restoredInto({ windower: session })).toThrow('session 5 ms, accumulating panes, aggregate all')
  expect(restoredInto({ panes: 'discarding' })).toThrow('discarding panes')
})

test('state is gone once the watermark has reached the end and the allowed lateness', async () => {
  const { operator } = makeOperator(windows({ allowedLatenessMs: 5 }))
  const keyGroups = () => operator.snapshot()!.keyGroups.size
  await operator.processBatch({ values: [1], timestamps: [1], keys: ['a'] }, nowhere, 0)
  await operator.onWatermark(14, nowhere)
  expect(keyGroups()).toBe(1)
  await operator.onWatermark(15, nowhere)
  expect(keyGroups()).toBe(0)
  expect(operator.processingTimeDue!()).toBe(Infinity)
})

test('more results than one batch should hold come in several, and wait for the output', async () => {
  const { operator } = makeOperator(windows({}))
  const keys = Array.from({ length: 5_000 }, (_, index) => index)
  const sizes: number[] = []
  let isBusy = false
  const output = {
    async emit({ values }: RecordBatch) {
      expect(isBusy).toBe(false)
      isBusy = true
      sizes.push(values.length)
      await Promise.resolve()
      isBusy = false
    },
    emitSide() {},
  }
  await operator.processBatch({ values: keys, timestamps: keys.map(() => 1), keys }, output, 0)
  await operator.onWatermark(10, output)
  expect(sizes).toEqual([emittedRecordsMax, emittedRecordsMax, 5_000 - 2 * emittedRecordsMax])
})
