import { statelessOperator, type Operator, type OperatorContext } from './operator.ts'
import { withValues } from '../record-batch.ts'

/**
 * A changelog as records: `{ change, row }` for each change, with its event time. Keeps nothing, so a watermark passes
 * through and there is nothing to snapshot. What comes out can be taken for what it is: it holds inserts only.
 */
export function createChanges(_context: OperatorContext<'changes'>): Operator {
  return statelessOperator((batch, output) => {
    const { changes } = batch
    const rows = batch.values.map((row, index) => ({ change: changes?.[index] ?? 'insert', row }))
    const { changes: _, ...inserts } = withValues(batch, rows)
    return output.emit(inserts)
  })
}
