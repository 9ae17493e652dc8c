import type { Operator, OperatorContext } from './operator.ts'
import { ProcessDriver } from './process/process-driver.ts'
import { undoLogOf } from './state/undo-log.ts'

/**
 * Two keyed inputs, a function for the records of each, and one set of states and timers for every key: see
 * {@link ProcessDriver} for what it keeps, and for watermark (the least of both inputs'), snapshot and restore.
 */
export function createConnect(context: OperatorContext<'connect'>): Operator {
  const { onLeft, onRight, onTimer, reducers, migrations } = context.operator.functions
  const driver = new ProcessDriver(context, { keyed: true, reducers, migrations, onTimer, undo: undoLogOf(context) })
  return driver.toOperator((batch, output, input) =>
    driver.processBatch(batch, output, input === 0 ? onLeft : onRight, driver.context),
  )
}
