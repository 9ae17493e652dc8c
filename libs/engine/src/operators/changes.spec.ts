import { createChanges } from './changes.ts'
import { runTable, type TestedOperator } from '../testing/operator-table.ts'

const changes: TestedOperator<'changes'> = { kind: 'changes', create: createChanges, functions: {} }

test('each change becomes a record that says what it is, and is itself an insert', async () => {
  await runTable(
    changes,
    `in   :1@1 <:1@2 >:2@2 -:2@3
     out  {"change":"insert","row":1}@1
     out  {"change":"updateBefore","row":1}@2
     out  {"change":"updateAfter","row":2}@2
     out  {"change":"delete","row":2}@3
     wm   5
     in   :"x"
     out  {"change":"insert","row":"x"}`,
  )
})
