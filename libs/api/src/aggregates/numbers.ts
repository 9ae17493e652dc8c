import type { Aggregate } from '../definition.ts'

/** How many records. */
export function count(): Aggregate<unknown, number, number> {
  return { create: () => 0, add: (total) => total + 1, merge: (a, b) => a + b, result: (total) => total }
}

/** The sum of a number of each record; 0 for none. @example sum((order) => order.amount) */
export function sum<T>(of: (value: T) => number): Aggregate<T, number, number> {
  return { create: () => 0, add: (total, value) => total + of(value), merge: (a, b) => a + b, result: (total) => total }
}

/** The least number of all records. */
export function min<T>(of: (value: T) => number): Aggregate<T, number, number> {
  return {
    create: () => Infinity,
    add: (least, value) => Math.min(least, of(value)),
    merge: Math.min,
    result: (least) => least,
  }
}

/** The greatest number of all records. */
export function max<T>(of: (value: T) => number): Aggregate<T, number, number> {
  return {
    create: () => -Infinity,
    add: (greatest, value) => Math.max(greatest, of(value)),
    merge: Math.max,
    result: (greatest) => greatest,
  }
}

/** The arithmetic mean of a number of each record. */
export function avg<T>(of: (value: T) => number): Aggregate<T, { sum: number; count: number }, number> {
  return {
    create: () => ({ sum: 0, count: 0 }),
    add(mean, value) {
      mean.sum += of(value)
      mean.count += 1
      return mean
    },
    merge: (a, b) => ({ sum: a.sum + b.sum, count: a.count + b.count }),
    result: (mean) => mean.sum / mean.count,
  }
}
