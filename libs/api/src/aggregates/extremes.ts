import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { inColumns } from './columns.ts'
import { lookingAt } from './looking-at.ts'
import { addNumber, mergeNumbers, noNumbers, removeNumber, type SortedNumbers } from './sorted-numbers.ts'
import { finite } from './values.ts'

/** Over a changelog all numbers are kept, since any of them may become the extreme when others are taken back. */
type Extreme<T> = Aggregate<T, number, number> & {
  readonly overChangelog: RetractableAggregate<T, SortedNumbers, number>
}

/** The least number of all records. @example min((order) => order.amount) */
export function min<T>(of: (value: T) => number): Extreme<T> {
  return inColumns(
    { kind: 'min', of, passes: [] },
    lookingAt([of], {
      form: 'min',
      create: () => Infinity,
      add: (least, value) => Math.min(least, finite(of(value))),
      merge: Math.min,
      result: (least) => least,
      overChangelog: sortedAggregate(of, ({ numbers }) => numbers[0]!),
    }),
  )
}

/** The greatest number of all records. @example max((order) => order.amount) */
export function max<T>(of: (value: T) => number): Extreme<T> {
  return inColumns(
    { kind: 'max', of, passes: [] },
    lookingAt([of], {
      form: 'max',
      create: () => -Infinity,
      add: (greatest, value) => Math.max(greatest, finite(of(value))),
      merge: Math.max,
      result: (greatest) => greatest,
      overChangelog: sortedAggregate(of, ({ numbers }) => numbers[numbers.length - 1]!),
    }),
  )
}

function sortedAggregate<T>(
  of: (value: T) => number,
  result: (sorted: SortedNumbers) => number,
): RetractableAggregate<T, SortedNumbers, number> {
  return lookingAt([of], {
    form: 'sorted numbers',
    create: noNumbers,
    add: (sorted, value) => addNumber(sorted, finite(of(value))),
    merge: mergeNumbers,
    retract: (sorted, value) => removeNumber(sorted, finite(of(value))),
    result,
  })
}
