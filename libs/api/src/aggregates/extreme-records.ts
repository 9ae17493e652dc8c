import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { addRow, mergeRows, noRows, removeRow, type Order, type SortedRows } from './sorted-rows.ts'
import { comparable } from './values.ts'

/** Replaced as a whole and never changed in place. */
interface Best<T> {
  readonly by: number | string
  readonly record: T
}

type ExtremeRecord<T> = Aggregate<T, Best<T> | null, T> & {
  readonly overChangelog: RetractableAggregate<T, SortedRows<T>, T>
}

/** The whole record whose number (or text) is the least; of equal ones the earliest. @example minBy((bid) => bid.price) */
export function minBy<T>(by: (value: T) => number | string): ExtremeRecord<T> {
  return extremeRecord(by, 'ascending')
}

/** The whole record whose number (or text) is the greatest; of equal ones the earliest. @example maxBy((bid) => bid.price) */
export function maxBy<T>(by: (value: T) => number | string): ExtremeRecord<T> {
  return extremeRecord(by, 'descending')
}

function extremeRecord<T>(by: (value: T) => number | string, order: Order): ExtremeRecord<T> {
  const isBetter = (a: number | string, b: number | string) => (order === 'ascending' ? a < b : a > b)
  return {
    form: `best ${order}`,
    create: () => null,
    add(best, record) {
      const own = comparable(by(record))
      return best === null || isBetter(own, best.by) ? { by: own, record } : best
    },
    merge: (a, b) => (b !== null && (a === null || isBetter(b.by, a.by)) ? { ...b } : a),
    result: (best) => best!.record,
    overChangelog: {
      form: `sorted ${order}`,
      create: () => noRows<T>(),
      add: (sorted, record) => addRow(sorted, comparable(by(record)), record, order),
      merge: (a: SortedRows<T>, b: SortedRows<T>) => mergeRows(a, b, order),
      retract: (sorted, record) => removeRow(sorted, comparable(by(record)), record, order),
      result: ({ rows }) => rows[0]!,
    },
  }
}
