import type { AggregateColumns, Key } from '@lightflus/api'
import type { Cell } from '../operators/fold/fold.ts'
import { columnKinds } from './column-kinds.ts'

/** Keyed cells as a snapshot holds those of a table: rows of numbers, with all that is needed to read them. */
export interface PackedCells {
  readonly keys: readonly Key[] | Float64Array
  /** For each key one number, the columns of its cell, and a number for each name of `behind`. */
  readonly rows: Float64Array
  /** What a cell holds, in order. */
  readonly kinds: readonly AggregateColumns['kind'][]
  /** Name of the column that the first number belongs to; null: it is nothing. */
  readonly before: string | null
  readonly behind: readonly string[]
}

/** The same as columns of one length: `keys`, `cells`, and those that are named. */
export function unpackCells({ keys, rows, kinds, before, behind }: PackedCells): Record<string, unknown[]> {
  const stride = rows.length / Math.max(1, keys.length)
  const at = Array.from(keys, (_, i) => i * stride)
  const columns: Record<string, unknown[]> = { keys: [...keys], cells: at.map((from) => cellOf(kinds, rows, from + 1)) }
  if (before !== null) columns[before] = at.map((from) => rows[from])
  behind.forEach((name, i) => (columns[name] = at.map((from) => rows[from + stride - behind.length + i])))
  return columns
}

function cellOf(kinds: PackedCells['kinds'], rows: Float64Array, from: number): Cell {
  let at = from
  return kinds.map((name) => {
    const kind = columnKinds[name]
    const accumulator = kind.toAccumulator(rows, at)
    at += kind.initial.length
    return accumulator
  })
}
