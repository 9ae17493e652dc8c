import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { inColumns } from './columns.ts'
import { lookingAt } from './looking-at.ts'
import { finite } from './values.ts'

/** A sum with what its rounding has lost so far (Neumaier): what is taken back leaves no residue behind. */
interface ExactSum {
  sum: number
  lost: number
}

/** The sum of a number of each record. @example sum((order) => order.amount) */
export function sum<T>(
  of: (value: T) => number,
): Aggregate<T, number, number> & { readonly overChangelog: RetractableAggregate<T, ExactSum, number> } {
  return inColumns(
    { kind: 'sum', of, passes: [] },
    lookingAt([of], {
      form: 'sum',
      create: () => 0,
      add: (total, value) => total + finite(of(value)),
      merge: (a, b) => a + b,
      result: (total) => total,
      // In floats, 0.1 + 0.2 - 0.2 is not 0.1; a sum that lives on while rows come and go must not drift.
      overChangelog: lookingAt([of], {
        form: 'exact sum',
        create: () => ({ sum: 0, lost: 0 }),
        add: (exact, value) => addExactly(exact, finite(of(value))),
        merge: (a, b) => addExactly(addExactly(a, b.sum), b.lost),
        retract: (exact, value) => addExactly(exact, -finite(of(value))),
        result: (exact) => exact.sum + exact.lost,
      }),
    }),
  )
}

/** The arithmetic mean of a number of each record. @example avg((order) => order.amount) */
export function avg<T>(of: (value: T) => number): RetractableAggregate<T, ExactSum & { count: number }, number> {
  return inColumns(
    { kind: 'avg', of, passes: [] },
    lookingAt([of], {
      form: 'avg',
      create: () => ({ sum: 0, lost: 0, count: 0 }),
      add(mean, value) {
        addExactly(mean, finite(of(value)))
        mean.count++
        return mean
      },
      merge(a, b) {
        addExactly(addExactly(a, b.sum), b.lost)
        a.count += b.count
        return a
      },
      retract(mean, value) {
        addExactly(mean, -finite(of(value)))
        mean.count--
        return mean
      },
      result: (mean) => (mean.sum + mean.lost) / mean.count,
    }),
  )
}

function addExactly<S extends ExactSum>(exact: S, number: number): S {
  const sum = exact.sum + number
  // The smaller of the two is the one that loses digits.
  exact.lost += Math.abs(exact.sum) >= Math.abs(number) ? exact.sum - sum + number : number - sum + exact.sum
  exact.sum = sum
  return exact
}
