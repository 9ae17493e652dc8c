import type { Operator, OperatorContext } from './operator.ts'
import { ProcessDriver } from './process/process-driver.ts'
import { undoLogOf } from './state/undo-log.ts'

/**
 * A function of each record, with its key's state and timers where there is a key, and side outputs: see
 * {@link ProcessDriver} for what it keeps, and for watermark, snapshot and restore.
 */
export function createProcess(context: OperatorContext<'process'>): Operator {
  const { onRecord, onTimer, reducers, migrations } = context.operator.functions
  const keyed = context.operator.node.options['keyed'] === true
  const driver = new ProcessDriver(context, { keyed, reducers, migrations, onTimer, undo: undoLogOf(context) })
  return driver.toOperator((batch, output) => driver.processBatch(batch, output, onRecord, driver.context))
}
