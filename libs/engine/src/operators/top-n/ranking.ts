import type { RankedBy } from '@lightflus/api'
import { equalRows } from '../changelog/row-equality.ts'
import { weigh } from '../state-weight/weigh.ts'

/** Rows of one key, best first; of those that rank alike the earlier first. */
export interface Ranking {
  readonly rows: unknown[]
  /** What each row is ordered by. */
  readonly ranks: RankedBy[]
  readonly timestamps: number[]
}

export type Order = 'descending' | 'ascending'

/** Where a row of this rank belongs: behind all that are as good. */
export function placeFor({ ranks }: Ranking, rank: RankedBy, order: Order): number {
  let low = 0
  let high = ranks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBetter(rank, ranks[middle], order)) high = middle
    else low = middle + 1
  }
  return low
}

/** Where a row stands that equals this one, or -1. */
export function placeOf(ranking: Ranking, row: unknown, rank: RankedBy, order: Order): number {
  for (let place = placeFor(ranking, rank, order) - 1; place >= 0 && compare(ranking.ranks[place], rank) === 0; place--)
    if (equalRows(ranking.rows[place], row)) return place
  return -1
}

/** Puts a value in at that place; of as many values as there may be the last is dropped. */
export function insertAt<T>(values: T[], place: number, value: T, lengthMax: number): void {
  if (values.length < lengthMax) values.push(value)
  for (let i = values.length - 1; i > place; i--) values[i] = values[i - 1]
  values[place] = value
}

/** About what a key's ranking takes, its place in a map included. */
export function weighRanking({ rows, ranks, timestamps }: Ranking): number {
  return 108 + weigh(rows) + weigh(ranks) + weigh(timestamps)
}

function isBetter(a: RankedBy, b: RankedBy, order: Order): boolean {
  return order === 'ascending' ? compare(a, b) < 0 : compare(a, b) > 0
}

/** Below 0 where `a` is the lesser one: numbers by size before text by its code units, several values one after another. */
function compare(a: RankedBy, b: RankedBy): number {
  if (typeof a === 'object') return compareLists(a, typeof b === 'object' ? b : [b])
  if (typeof b === 'object') return compareLists([a], b)
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  if (a === b) return 0
  return a < b ? -1 : 1
}

function compareLists(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i], b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Whether a function of the program has given something that rows can be ordered by. */
export function isRankedBy(given: unknown): given is RankedBy {
  if (!Array.isArray(given)) return isValue(given)
  for (let i = 0; i < given.length; i++) if (!isValue(given[i])) return false
  return given.length > 0
}

const isValue = (given: unknown): given is number | string =>
  typeof given === 'string' || (typeof given === 'number' && !Number.isNaN(given))
