import { createUnion } from './union.ts'
import { runTable } from '../testing/operator-table.ts'

test('the records of all inputs come out as they come in, changes too', async () => {
  await runTable(
    { kind: 'union', create: createUnion, functions: {} },
    `in   :1@5 :2@3
     in1  -:3@4
     in2  :4
     out  1@5
     out  2@3
     out  -3@4
     out  4
     wm   max`,
  )
})
