import type { Aggregate, AggregateColumns } from '../definition.ts'

/**
 * Says what an aggregate's accumulators are made of. It is not enumerable, so that an aggregate that a program makes by
 * spreading this one and replacing a function of it is taken by its functions.
 */
export function inColumns<A extends Aggregate>(columns: AggregateColumns, aggregate: A): A {
  return Object.defineProperty(aggregate, 'columns', { value: columns })
}
