import type { RetractableAggregate } from '../definition.ts'
import { oneOf, optional, resolveOptions } from '../internal/options.ts'
import { inColumns } from './columns.ts'
import { lookingAt } from './looking-at.ts'
import { finite } from './values.ts'

export interface VarianceOptions {
  /**
   * Whether the records are a sample of what is asked about (default; divides by one less than their number, and is NaN
   * for a single record), or all of it.
   */
  readonly of?: 'sample' | 'population'
}

/** Number, mean, and sum of squared distances from the mean: Welford's form, which does not cancel out as sums of squares do. */
interface Moments {
  count: number
  mean: number
  squares: number
}

/** The variance of a number of each record. @example variance((trip) => trip.minutes) */
export function variance<T>(
  of: (value: T) => number,
  options?: VarianceOptions,
): RetractableAggregate<T, Moments, number> {
  return momentsAggregate('variance', of, options, (squares) => squares)
}

/** The standard deviation of a number of each record. @example stddev((trip) => trip.minutes, { of: 'population' }) */
export function stddev<T>(
  of: (value: T) => number,
  options?: VarianceOptions,
): RetractableAggregate<T, Moments, number> {
  return momentsAggregate('stddev', of, options, Math.sqrt)
}

function momentsAggregate<T>(
  owner: string,
  of: (value: T) => number,
  options: VarianceOptions | undefined,
  result: (variance: number) => number,
): RetractableAggregate<T, Moments, number> {
  const { of: whole } = resolveOptions(owner, options, {
    of: optional(oneOf('sample', 'population'), 'sample' as const),
  })
  const less = whole === 'sample' ? 1 : 0
  return inColumns(
    { kind: 'moments', of, passes: [] },
    lookingAt([of], {
      form: 'moments',
      create: () => ({ count: 0, mean: 0, squares: 0 }),
      add(moments, value) {
        const number = finite(of(value))
        const distance = number - moments.mean
        moments.count++
        moments.mean += distance / moments.count
        moments.squares += distance * (number - moments.mean)
        return moments
      },
      merge(a, b) {
        if (b.count === 0) return a
        const count = a.count + b.count
        const distance = b.mean - a.mean
        a.squares += b.squares + (distance * distance * a.count * b.count) / count
        a.mean += (distance * b.count) / count
        a.count = count
        return a
      },
      retract(moments, value) {
        const number = finite(of(value))
        moments.count--
        if (moments.count === 0) moments.mean = moments.squares = 0
        else {
          const distance = number - moments.mean
          moments.mean -= distance / moments.count
          // Rounding must not leave a negative sum of squares behind.
          moments.squares = Math.max(0, moments.squares - distance * (number - moments.mean))
        }
        return moments
      },
      result: ({ count, squares }) => result(count > less ? squares / (count - less) : NaN),
    }),
  )
}
