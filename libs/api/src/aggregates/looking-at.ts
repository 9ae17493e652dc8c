import type { Aggregate } from '../definition.ts'

/**
 * Says which functions an aggregate calls with a record; it does nothing else with one. Not enumerable, so that an
 * aggregate that a program makes by spreading this one and replacing a function of it may look at all of a record.
 */
export function lookingAt<A extends Aggregate>(looksAt: NonNullable<Aggregate['looksAt']>, aggregate: A): A {
  return Object.defineProperty(aggregate, 'looksAt', { value: looksAt })
}
