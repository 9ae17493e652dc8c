import { createFilter } from './filter.ts'
import { runTable, type TestedOperator } from '../testing/operator-table.ts'

const filter = (fn: (value: never) => unknown): TestedOperator<'filter'> => ({
  kind: 'filter',
  create: createFilter,
  functions: { fn: fn as TestedOperator<'filter'>['functions']['fn'] },
})

test('only records that pass go on, as they were', async () => {
  await runTable(
    filter((value: number) => value > 2),
    `in   :1@1 :3@2 :2@3 :4@4
     out  3@2
     out  4@4
     in   :1@5
     out
     in   :5@6
     out  5@6`,
  )
})

test('what JavaScript takes for true passes', async () => {
  await runTable(
    filter((value) => value),
    `in   :0@1 :"x"@2 :""@3 :null@4 :{}@5
     out  "x"@2
     out  {}@5`,
  )
})

test('a promise, which would let everything pass, is an error', async () => {
  await expect(
    runTable(
      filter(async () => false),
      'in :1@1',
    ),
  ).rejects.toMatchObject({ code: 'LF_USER_RESULT' })
})

test('a record on which the function throws is skipped where it may be', async () => {
  const picky = filter((value: number) => {
    if (value === 0) throw new Error('zero')
    return true
  })
  const { metrics } = await runTable(
    { ...picky, onError: 'skip' },
    `in   :1@1 :0@2 :2@3 :0@4
     out  1@1
     out  2@3`,
  )
  expect(metrics.recordsSkipped).toBe(2)
  await expect(runTable(picky, 'in :1@1 :0@2')).rejects.toMatchObject({ code: 'LF_USER_FUNCTION' })
})

test('an update of which one half passes becomes a row that comes or goes', async () => {
  await runTable(
    filter((value: number) => value > 2),
    `in   :3@1 <:3@2 >:4@2 <:4@3 >:1@3 <:1@4 >:5@4 <:1@5 >:2@5 -:5@6 -:1@7
     out  3@1
     out  <3@2
     out  >4@2
     out  -4@3
     out  5@4
     out  -5@6`,
  )
})
