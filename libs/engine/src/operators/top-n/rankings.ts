import type { Key } from '@lightflus/api'
import { EntryCopies, type CopiedEntry, type FrozenState } from '../../checkpoint/frozen-state.ts'
import { keyGroupOf } from '../../key-group.ts'
import { ColumnBlocks } from '../state/state-copying.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weighRanking, type Ranking } from './ranking.ts'

/** Rankings of one key group in a snapshot. */
export interface KeyGroupRankings {
  readonly keys: Key[]
  readonly rankings: Ranking[]
}

type KeptRanking = Ranking & CopiedEntry

/** The rankings of all keys. Rows in them never change; the lists of them do. */
export class Rankings {
  #byKey = new Map<Key, KeptRanking>()
  readonly #copies = new EntryCopies<KeptRanking>()
  readonly #weight = new StateWeight(() => this.#byKey.values(), weighRanking)

  get bytes(): number {
    return this.#weight.bytes(this.#byKey.size)
  }

  entries(): Iterable<readonly [Key, Ranking]> {
    return this.#byKey
  }

  /** Only to be read. */
  get(key: Key): Ranking | undefined {
    return this.#byKey.get(key)
  }

  /** To be changed, where `get` has given one. */
  change(key: Key): Ranking {
    const ranking = this.#byKey.get(key)!
    this.#copies.touch(key, ranking)
    return ranking
  }

  add(key: Key, rows: unknown[], ranks: Ranking['ranks'], timestamps: number[]): void {
    this.#byKey.set(key, { rows, ranks, timestamps, copiedIn: this.#copies.number })
  }

  /** @param key whose ranking has become empty by a change */
  delete(key: Key): void {
    this.#byKey.delete(key)
  }

  clear(): void {
    // Another map: what is yet to be copied of this one stays in it.
    this.#byKey = new Map()
  }

  /** By key group, the form in which they move to other subtasks. */
  snapshot(): Map<number, KeyGroupRankings> {
    const groups = new Map<number, KeyGroupRankings>()
    for (const [key, { rows, ranks, timestamps }] of this.#byKey) {
      const keyGroup = keyGroupOf(key)
      let group = groups.get(keyGroup)
      if (group === undefined) groups.set(keyGroup, (group = noRankings()))
      group.keys.push(key)
      group.rankings.push({ rows, ranks, timestamps })
    }
    return groups
  }

  /** What is there now, to be copied meanwhile. */
  freeze(): FrozenState {
    const copies = this.#copies
    let blocks: ColumnBlocks<KeyGroupRankings> | undefined
    return {
      bytes: 0,
      begin: (write) => {
        const gathered = (blocks = new ColumnBlocks(write, noRankings))
        copies.begin(this.#byKey, (key, ranking) =>
          gathered.add(key, (group) => putCopy(group, key, ranking), ranking.rows),
        )
      },
      advance(entries) {
        const isMore = copies.advance(entries)
        if (!isMore) blocks?.flush()
        return isMore
      },
      release: () => copies.release(),
    }
  }
}

const noRankings = (): KeyGroupRankings => ({ keys: [], rankings: [] })

/** A block is written later than it is gathered, and the lists change meanwhile. */
function putCopy(group: KeyGroupRankings, key: Key, { rows, ranks, timestamps }: Ranking): void {
  group.keys.push(key)
  group.rankings.push({ rows: rows.slice(), ranks: ranks.slice(), timestamps: timestamps.slice() })
}
