import { rowIdentity } from './row-identity.ts'
import { neverAdded } from './values.ts'

/** Rows in the order of what they are ordered by; of equal ones the earlier stands first. */
export interface SortedRows<T> {
  readonly by: (number | string)[]
  readonly rows: T[]
}

export type Order = 'ascending' | 'descending'

export const noRows = <T>(): SortedRows<T> => ({ by: [], rows: [] })

/** @param rowsMax how many to keep: those behind are dropped. */
export function addRow<T>(
  sorted: SortedRows<T>,
  by: number | string,
  row: T,
  order: Order,
  rowsMax = Infinity,
): SortedRows<T> {
  const at = placeBehind(sorted.by, by, order)
  if (at >= rowsMax) return sorted
  sorted.by.splice(at, 0, by)
  sorted.rows.splice(at, 0, row)
  if (sorted.rows.length > rowsMax) {
    sorted.by.pop()
    sorted.rows.pop()
  }
  return sorted
}

/** Takes one out that is equal by value. @throws LF_AGGREGATE_VALUE where there is none. */
export function removeRow<T>(sorted: SortedRows<T>, by: number | string, row: T, order: Order): SortedRows<T> {
  const identity = rowIdentity(row)
  for (let at = placeBehind(sorted.by, by, order) - 1; at >= 0 && sorted.by[at] === by; at--) {
    if (rowIdentity(sorted.rows[at]) !== identity) continue
    sorted.by.splice(at, 1)
    sorted.rows.splice(at, 1)
    return sorted
  }
  throw neverAdded()
}

export function mergeRows<T>(a: SortedRows<T>, b: SortedRows<T>, order: Order, rowsMax?: number): SortedRows<T> {
  for (let i = 0; i < b.rows.length; i++) addRow(a, b.by[i]!, b.rows[i]!, order, rowsMax)
  return a
}

/** Index behind all that stand before it or are equal. */
function placeBehind(all: readonly (number | string)[], by: number | string, order: Order): number {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const isBehind = order === 'ascending' ? all[middle]! <= by : all[middle]! >= by
    if (isBehind) low = middle + 1
    else high = middle
  }
  return low
}
