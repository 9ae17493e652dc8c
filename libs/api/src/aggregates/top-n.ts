import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { oneOf, optional, resolveOptions, whole } from '../internal/options.ts'
import { addRow, mergeRows, noRows, removeRow, type Order, type SortedRows } from './sorted-rows.ts'
import { comparable } from './values.ts'

/**
 * The `n` records whose number (or text) is the greatest, the greatest first; of equal ones the earlier stands first.
 * @param n 1 to 10,000.
 * @param options order: `'ascending'` for the least, the least first.
 * @example topN(3, (bid) => bid.price)
 */
export function topN<T>(
  n: number,
  by: (value: T) => number | string,
  options?: { readonly order?: Order },
): Aggregate<T, SortedRows<T>, readonly T[]> & {
  readonly overChangelog: RetractableAggregate<T, SortedRows<T>, readonly T[]>
} {
  const { n: rowsMax } = resolveOptions('topN', { n }, { n: whole(1, 10_000) })
  const { order } = resolveOptions('topN', options, {
    order: optional(oneOf('descending', 'ascending'), 'descending' as const),
  })
  const aggregate = (kept: number): Aggregate<T, SortedRows<T>, readonly T[]> => ({
    form: `sorted ${order}`,
    create: () => noRows<T>(),
    add: (sorted, record) => addRow(sorted, comparable(by(record)), record, order, kept),
    merge: (a, b) => mergeRows(a, b, order, kept),
    result: ({ rows }) => rows.slice(0, rowsMax),
  })
  const retract = (sorted: SortedRows<T>, record: T) => removeRow(sorted, comparable(by(record)), record, order)
  return { ...aggregate(rowsMax), overChangelog: { ...aggregate(Infinity), retract } }
}
