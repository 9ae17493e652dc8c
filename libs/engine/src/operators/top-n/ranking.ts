import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { equalRows } from '../changelog/row-equality.ts'

/** What rows are ordered by: numbers by size before text by its code units. */
export type Rank = number | string

/** Rows of one key, best first; of those that rank alike the earlier first. */
export interface Ranking {
  readonly rows: unknown[]
  /** What each row is ordered by. */
  readonly ranks: Rank[]
  readonly timestamps: number[]
}

/** Rankings of one key group in a snapshot. */
export interface KeyGroupRankings {
  readonly keys: Key[]
  readonly rankings: Ranking[]
}

export type Order = 'descending' | 'ascending'

/** Where a row of this rank belongs: behind all that are as good. */
export function placeFor({ ranks }: Ranking, rank: Rank, order: Order): number {
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
export function placeOf(ranking: Ranking, row: unknown, rank: Rank, order: Order): number {
  for (let place = placeFor(ranking, rank, order) - 1; place >= 0 && ranking.ranks[place] === rank; place--)
    if (equalRows(ranking.rows[place], row)) return place
  return -1
}

function isBetter(a: Rank, b: Rank, order: Order): boolean {
  if (typeof a !== typeof b) return (typeof a === 'number') === (order === 'ascending')
  return order === 'ascending' ? a < b : a > b
}

export function rankingsByKeyGroup(all: ReadonlyMap<Key, Ranking>): Map<number, KeyGroupRankings> {
  const groups = new Map<number, KeyGroupRankings>()
  for (const [key, ranking] of all) {
    const keyGroup = keyGroupOf(key)
    let group = groups.get(keyGroup)
    if (group === undefined) groups.set(keyGroup, (group = { keys: [], rankings: [] }))
    group.keys.push(key)
    group.rankings.push(ranking)
  }
  return groups
}
