import { createTemporalJoin } from './temporal-join.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'

const join = (kind: 'inner' | 'left' = 'inner'): TestedOperator<'temporalJoin'> => ({
  kind: 'temporalJoin',
  create: createTemporalJoin,
  options: { kind },
  functions: { combine: (left: unknown, right: unknown) => `${left as string}${right as string}` },
})

test('a record waits until the watermark has passed its time, and takes the newest version that is not later', async () => {
  await runTable(
    join(),
    `in   a:1@10 a:2@20
     in1  a:"y"@20 a:"x"@5
     wm   10
     out
     in1  a:"z"@10
     wm   11
     out  "1z"@10
     wm   20
     in1  a:"w"@20 a:"v"@21
     wm   21
     out  "2w"@20`,
  )
})

test('records come out in the order of their event times, and of one time as they came', async () => {
  await runTable(
    join(),
    `in1  a:"x"@0 b:"y"@0
     in   a:3@30 b:2@20 a:1@10 a:4@30
     wm   max
     out  "1x"@10
     out  "2y"@20
     out  "3x"@30
     out  "4x"@30`,
  )
})

test('before the first version a record is left out, or comes with null', async () => {
  const table = (rows: string) => `in1  a:"x"@10
     in   a:1@9 b:2@11 a:3@10
     wm   max
     ${rows}`
  await runTable(join('inner'), table('out "3x"@10'))
  await runTable(join('left'), table('out "1null"@9\nout "3x"@10\nout "2null"@11'))
})

test('only versions that a record may still need are kept', async () => {
  const versionsKept = (run: { operator: ReturnType<typeof createTemporalJoin> }) =>
    [...run.operator.snapshot()!.keyGroups.values()].flatMap(
      (group) => (group as { versions: { rows: unknown[] } }).versions.rows,
    )
  const filled = 'in1 a:"x"@10 a:"y"@20 a:"z"@30'
  expect(versionsKept(await runTable(join(), `${filled}\nwm 19`))).toEqual(['x', 'y', 'z'])
  expect(versionsKept(await runTable(join(), `${filled}\nwm 20`))).toEqual(['y', 'z'])
  expect(versionsKept(await runTable(join(), `${filled}\nwm max`))).toEqual(['z'])
  expect(versionsKept(await runTable(join(), `${filled}\nwm 25\nin1 a:"v"@22`))).toEqual(['v', 'z'])
})

test('a late version counts for what comes after it, unless a newer one is valid by now', async () => {
  const { metrics } = await runTable(
    join(),
    `in1  a:"x"@10
     wm   100
     in1  a:"y"@50 a:"w"@40
     in   a:1@99 a:2@100
     wm   max
     out  "2y"@100`,
  )
  expect(metrics.recordsLate).toBe(2)
})

test('in a changelog a version lasts until it is taken back', async () => {
  const { operator } = await runTable(
    join('left'),
    `in1  a:"x"@10 <a:"x"@20 >a:"y"@20 -a:"y"@30
     in   a:1@10 a:2@20 a:3@29 a:4@30
     wm   20
     out  "1x"@10
     wm   31
     out  "2y"@20
     out  "3y"@29
     out  "4null"@30
     in1  b:"z"@40 -b:"z"@50
     wm   49
     in   b:5@49
     wm   50
     out  "5z"@49
     in   a:6@60 b:6@60
     wm   max
     out  "6null"@60
     out  "6null"@60`,
  )
  expect(operator.snapshot()!.keyGroups.size).toBe(0)
})

test('a version that comes before what is armed is dropped in its time, too', async () => {
  const { operator } = await runTable(
    join(),
    `in1  a:"y"@30 a:"z"@40 a:"x"@10
     wm   30
     in   a:1@30
     wm   31
     out  "1y"@30`,
  )
  expect([...operator.snapshot()!.keyGroups.values()]).toMatchObject([{ versions: { rows: ['y', 'z'] } }])
})

test('a record without event time is an error, or skipped', async () => {
  await expect(runTable(join(), 'in1 a:1')).rejects.toMatchObject({ code: 'LF_RECORD_EVENT_TIME' })
  const { metrics } = await runTable({ ...join(), onError: 'skip' }, 'in a:1\nin1 a:1')
  expect(metrics.recordsSkipped).toBe(2)
})

test('a record on which the function throws is told by its key', async () => {
  const functions = {
    combine: () => {
      throw new Error('no')
    },
  }
  await expect(runTable({ ...join('left'), functions }, 'in a:1@1\nwm 2')).rejects.toMatchObject({
    message: 'Job test, operator temporalJoin-1, key "a": no',
  })
})

test('what one subtask had waiting is emitted by another that was ahead', async () => {
  const { operator } = makeOperator(join())
  const behind = makeOperator(join()).operator
  const nowhere = { emit() {}, emitSide() {} }
  await behind.processBatch({ values: ['x', 'y'], timestamps: [1, 20], keys: ['a', 'a'] }, nowhere, 1)
  await behind.processBatch({ values: [1], timestamps: [5], keys: ['a'] }, nowhere, 0)
  const { subtask, keyGroups } = structuredClone(behind.snapshot()!)
  operator.restore({ subtasks: [subtask, { shape: 'temporal join', watermark: 50 }], keyGroups })
  const emitted: unknown[] = []
  const output = { emit: ({ values }: { values: readonly unknown[] }) => void emitted.push(...values), emitSide() {} }
  await operator.processBatch({ values: [2], timestamps: [60], keys: ['a'] }, output, 0)
  expect(emitted).toEqual(['1x'])
  await operator.onWatermark(100, output)
  expect(emitted).toEqual(['1x', '2y'])
})
