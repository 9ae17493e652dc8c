import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { inColumns } from './columns.ts'
import { fn, resolveOptions } from '../internal/options.ts'
import { lookingAt } from './looking-at.ts'

/** Results that there are of no records, too: a count of 0, an empty list. */
type OfNone = number | string | readonly unknown[]

/**
 * An aggregate over those records alone that pass, as SQL's FILTER. Where none does, counts and sums are 0, lists empty,
 * `min` is Infinity, `max` -Infinity and `avg` NaN.
 * @example where((bid) => bid.price < 100, distinctCount((bid) => bid.bidder))
 */
export function where<T, Acc, Out extends OfNone>(
  passes: (value: T) => boolean,
  aggregate: RetractableAggregate<NoInfer<T>, Acc, Out>,
): RetractableAggregate<T, Acc, Out>
export function where<T, Acc, Out extends OfNone>(
  passes: (value: T) => boolean,
  aggregate: Aggregate<NoInfer<T>, Acc, Out> & { readonly overChangelog: RetractableAggregate<NoInfer<T>, any, Out> },
): Aggregate<T, Acc, Out> & { readonly overChangelog: RetractableAggregate<T, any, Out> }
export function where<T, Acc, Out extends OfNone>(
  passes: (value: T) => boolean,
  aggregate: Aggregate<NoInfer<T>, Acc, Out>,
): Aggregate<T, Acc, Out>
export function where<T>(passes: (value: T) => boolean, aggregate: Aggregate<T>): Aggregate<T> {
  resolveOptions('where', { passes }, { passes: fn() })
  const { add, retract, overChangelog, columns, looksAt } = aggregate
  const passing: Aggregate<T> = {
    ...aggregate,
    add: (accumulator, value) => (passes(value) ? add(accumulator, value) : accumulator),
    ...(retract && {
      retract: (accumulator: unknown, value: T) => (passes(value) ? retract(accumulator, value) : accumulator),
    }),
    ...(overChangelog && { overChangelog: where(passes, overChangelog) }),
  }
  if (looksAt) lookingAt([passes, ...looksAt], passing)
  return columns ? inColumns({ ...columns, passes: [passes, ...columns.passes] }, passing) : passing
}
