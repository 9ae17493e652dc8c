import type { Views } from '../views.ts'

/** The memory's end was reached: the values take more room. */
export const overflow = -1
/** A value is not of the column's type. */
export const mismatch = -2

/** Where a column is written or read, with what goes beside the memory. */
export interface ColumnSpace {
  views: Views
  /** Columns of values that no column holds: they go as structured clones, in the order in which they are met. */
  readonly foreign: (readonly unknown[])[]
  /** Position behind the column that was read last. */
  position: number
}

/**
 * Reads and writes values of one type. Clauses:
 *
 * 1. `read` gives what a structured clone of the written values would be, but that one object in two places becomes two.
 * 2. `write` leaves the memory outside of `position` and `end` alone. (trusted)
 * 3. Positions are multiples of 8, and the one that `write` returns is where `read` of as many values ends.
 */
export interface Column {
  /** @returns the position behind the column, or {@link overflow}, or {@link mismatch} */
  write(values: readonly unknown[], space: ColumnSpace, position: number, end: number): number
  read(count: number, space: ColumnSpace, position: number): unknown[]
}
