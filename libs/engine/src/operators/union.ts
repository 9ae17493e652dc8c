import { statelessOperator, type Operator } from './operator.ts'

/**
 * The records of all inputs, as they come. The gate before it makes one watermark of the inputs' and aligns their
 * barriers, so that there is nothing to keep here.
 */
export function createUnion(): Operator {
  return statelessOperator((batch, output) => output.emit(batch))
}
