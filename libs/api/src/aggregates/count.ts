import type { RetractableAggregate } from '../definition.ts'
import { inColumns } from './columns.ts'
import { lookingAt } from './looking-at.ts'

/** How many records. */
export function count(): RetractableAggregate<unknown, number, number> {
  return inColumns(
    { kind: 'count', passes: [] },
    lookingAt([], {
      form: 'count',
      create: () => 0,
      add: (total) => total + 1,
      merge: (a, b) => a + b,
      retract: (total) => total - 1,
      result: (total) => total,
    }),
  )
}

/** How many of the records pass. @example countIf((order) => order.amount > 100) */
export function countIf<T>(passes: (value: T) => boolean): RetractableAggregate<T, number, number> {
  return inColumns(
    { kind: 'count', passes: [passes] },
    lookingAt([passes], {
      form: 'count',
      create: () => 0,
      add: (total, value) => (passes(value) ? total + 1 : total),
      merge: (a, b) => a + b,
      retract: (total, value) => (passes(value) ? total - 1 : total),
      result: (total) => total,
    }),
  )
}
