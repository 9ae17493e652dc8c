import { createWindowJoin } from './window-join.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'

const tumbling = { kind: 'tumbling', sizeMs: 10, offsetMs: 0, time: 'event' }
const join = (kind: string, windower: unknown = tumbling): TestedOperator<'windowJoin'> => ({
  kind: 'windowJoin',
  create: createWindowJoin,
  options: { kind, windower },
  functions: { combine: (left: unknown, right: unknown) => `${left as string}${right as string}` },
})

test('every pair of a window comes at its end', async () => {
  const { operator } = await runTable(
    join('inner'),
    `in   a:1@0 a:2@9 b:3@5 a:4@10
     in1  a:"x"@3 a:"y"@9 a:"z"@19
     wm   9
     out
     wm   10
     out  "1x"@9
     out  "1y"@9
     out  "2x"@9
     out  "2y"@9
     wm   20
     out  "4z"@19`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test.each([
  ['left', ['"1null"@9']],
  ['right', ['"nully"@19']],
  ['full', ['"1null"@9', '"nully"@19']],
])('a %s join has what is alone in its window', async (kind, rows) => {
  await runTable(
    join(kind),
    `in   a:1@1
     in1  a:"y"@11
     wm   max
     ${rows.map((row) => `out  ${row}`).join('\n')}`,
  )
})

test('in sliding windows a pair comes for each window that it shares', async () => {
  await runTable(
    join('full', { kind: 'sliding', sizeMs: 10, slideMs: 5, offsetMs: 0, time: 'event' }),
    `in   a:1@7
     in1  a:"x"@12
     wm   max
     out  "1null"@9
     out  "1x"@14
     out  "nullx"@19`,
  )
})

test('sessions merge over both sides', async () => {
  await runTable(
    join('inner', { kind: 'session', gapMs: 10, time: 'event' }),
    `in   a:1@0 a:2@17
     in1  a:"x"@9
     wm   18
     in1  a:"y"@20
     wm   27
     out
     wm   30
     out  "1x"@29
     out  "1y"@29
     out  "2x"@29
     out  "2y"@29`,
  )
})

test('a late record still belongs to a session that is open', async () => {
  const { metrics } = await runTable(
    join('left', { kind: 'session', gapMs: 10, time: 'event' }),
    `in   a:1@15
     wm   18
     in   a:2@6 a:3@5 b:4@8 a:5@-4
     wm   max
     out  "1null"@24
     out  "2null"@24
     out  "3null"@24
     out  "5null"@24`,
  )
  expect(metrics.recordsLate).toBe(1)
})

test('the gap of a session may depend on the record of either side', async () => {
  await runTable(
    {
      ...join('full', { kind: 'session', gapMs: null, time: 'event' }),
      functions: {
        combine: (left: unknown, right: unknown, { start, end }: { start: number; end: number }) =>
          `${left as string}${right as string} in ${start}-${end}`,
        gap: (value: number) => value,
      },
    },
    `in   a:5@0 a:1@9
     in1  a:6@4
     wm   max
     out  "56 in 0-10"@9
     out  "16 in 0-10"@9`,
  )
})

test('calendar windows are those of their time zone', async () => {
  const midnight = Date.UTC(2026, 0, 1, 23)
  await runTable(
    join('inner', { kind: 'calendar', unit: 'day', timeZone: 'Europe/Berlin', offsetMs: 0 }),
    `in   a:1@${midnight - 1} a:2@${midnight}
     in1  a:"x"@${midnight + 1}
     wm   max
     out  "2x"@${midnight + 24 * 3_600_000 - 1}`,
  )
})

test('a record whose windows have all ended is dropped and counted', async () => {
  const { metrics } = await runTable(
    join('left', { kind: 'sliding', sizeMs: 10, slideMs: 5, offsetMs: 0, time: 'event' }),
    `wm   10
     in   a:1@4 a:2@5 a:3@9
     wm   15
     out  "2null"@14
     out  "3null"@14`,
  )
  expect(metrics.recordsLate).toBe(1)
})

test('a record without event time is an error, and a pair on which the function throws tells key and window', async () => {
  await expect(runTable(join('inner'), 'in a:1')).rejects.toMatchObject({ code: 'LF_RECORD_EVENT_TIME' })
  const functions = {
    combine: () => {
      throw new Error('no')
    },
  }
  await expect(runTable({ ...join('left'), functions }, 'in a:1@1\nwm 10')).rejects.toMatchObject({
    message: 'Job test, operator windowJoin-1, key "a", window from 1970-01-01T00:00:00.000Z: no',
  })
  const { metrics } = await runTable({ ...join('left'), functions, onError: 'skip' }, 'in a:1@1 a:1\nwm 10')
  expect(metrics.recordsSkipped).toBe(2)
})

test('a window that a subtask behind had not fired does so before the first record, and takes no more', async () => {
  const { operator, metrics } = makeOperator(join('left'))
  const behind = makeOperator(join('left')).operator
  const nowhere = { emit() {}, emitSide() {} }
  await behind.processBatch({ values: [1], timestamps: [5], keys: ['a'] }, nowhere, 0)
  const { subtask, keyGroups } = structuredClone(behind.snapshot()!)
  operator.restore({ subtasks: [subtask, { ...(subtask as object), watermark: 10 }], keyGroups })
  const emitted: unknown[] = []
  const output = { emit: ({ values }: { values: readonly unknown[] }) => void emitted.push(...values), emitSide() {} }
  await operator.processBatch({ values: ['x'], timestamps: [6], keys: ['a'] }, output, 1)
  expect(emitted).toEqual(['1null'])
  expect(metrics.recordsLate).toBe(1)
})

test('state of other windows is refused', () => {
  const { operator } = makeOperator(join('inner'))
  const state = { shape: 'left join in windows tumbling 10+0 ms', watermark: 0 }
  expect(() => operator.restore({ subtasks: [state], keyGroups: new Map() })).toThrow('inner join in windows')
})
