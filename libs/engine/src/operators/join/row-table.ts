import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { equalRows, hashRow } from '../changelog/row-equality.ts'

/** A row of one side of a join, as long as it is remembered. */
export interface JoinRow {
  readonly key: Key
  readonly row: unknown
  readonly timestamp: number
  /** When it came, by the host's clock. */
  readonly came: number
  /** Whether it is in the result with null for its partner. */
  alone: boolean
  /** Its place among the rows of its key. */
  place: number
}

/** Rows of one side and one key group in a snapshot, as columns of one length. */
export interface RowColumns {
  readonly keys: Key[]
  readonly rows: unknown[]
  readonly timestamps: number[]
  readonly came: number[]
  readonly alone: boolean[]
}

export const noRows = (): RowColumns => ({ keys: [], rows: [], timestamps: [], came: [], alone: [] })

/**
 * The rows of one side of a join. Equal rows are as many entries as there are of them, and any of them may be the one
 * that is taken back.
 */
export class RowTable {
  readonly #byKey = new Map<Key, JoinRow[]>()
  /** By their hash; undefined where rows are never taken back. */
  readonly #byHash: Map<number, JoinRow[]> | undefined
  /** In the order in which they came; undefined where they are remembered for ever. */
  readonly #byTime: Set<JoinRow> | undefined

  constructor({ takesBack, forgets }: { readonly takesBack: boolean; readonly forgets: boolean }) {
    this.#byHash = takesBack ? new Map() : undefined
    this.#byTime = forgets ? new Set() : undefined
  }

  /** Undefined where the key has none. */
  rowsOf(key: Key): readonly JoinRow[] | undefined {
    return this.#byKey.get(key)
  }

  keys(): Iterable<Key> {
    return this.#byKey.keys()
  }

  add(key: Key, row: unknown, timestamp: number, came: number, alone: boolean): JoinRow {
    let rows = this.#byKey.get(key)
    if (rows === undefined) this.#byKey.set(key, (rows = []))
    const added = { key, row, timestamp, came, alone, place: rows.length }
    rows.push(added)
    this.#byTime?.add(added)
    if (this.#byHash) {
      const hash = hashOf(key, row)
      const same = this.#byHash.get(hash)
      if (same === undefined) this.#byHash.set(hash, [added])
      else same.push(added)
    }
    return added
  }

  /** Takes out a row that equals this one, if there is one; the newest of them is found at once. */
  takeBack(key: Key, row: unknown): JoinRow | undefined {
    const found = this.#byHash?.get(hashOf(key, row))?.findLast((each) => each.key === key && equalRows(each.row, row))
    if (found) this.#remove(found)
    return found
  }

  /** Forgets what came at that time of the host's clock or before. */
  forget(until: number): void {
    if (this.#byTime === undefined) return
    for (const row of this.#byTime) {
      if (row.came > until) return
      this.#remove(row)
    }
  }

  clear(): void {
    this.#byKey.clear()
    this.#byHash?.clear()
    this.#byTime?.clear()
  }

  /** @param columnsOf the columns of a key group, to put its rows into. */
  save(columnsOf: (keyGroup: number) => RowColumns): void {
    for (const [key, rows] of this.#byKey) {
      const columns = columnsOf(keyGroupOf(key))
      for (const { row, timestamp, came, alone } of rows) {
        columns.keys.push(key)
        columns.rows.push(row)
        columns.timestamps.push(timestamp)
        columns.came.push(came)
        columns.alone.push(alone)
      }
    }
  }

  /** Puts back what was saved, of several key groups. */
  load(groups: readonly RowColumns[]): void {
    for (const { keys, rows, timestamps, came, alone } of groups)
      for (let i = 0; i < keys.length; i++) this.add(keys[i], rows[i], timestamps[i], came[i], alone[i])
    if (this.#byTime === undefined) return
    // Within a key the order is that of its rows, which is not that of time once one was taken out.
    const inOrder = [...this.#byTime].sort((a, b) => a.came - b.came)
    this.#byTime.clear()
    for (const row of inOrder) this.#byTime.add(row)
  }

  #remove(removed: JoinRow): void {
    const { key, row, place } = removed
    const rows = this.#byKey.get(key)!
    const last = rows.pop()!
    if (last !== removed) {
      rows[place] = last
      last.place = place
    }
    if (rows.length === 0) this.#byKey.delete(key)
    this.#byTime?.delete(removed)
    if (this.#byHash) {
      const hash = hashOf(key, row)
      const same = this.#byHash.get(hash)!
      if (same.length === 1) this.#byHash.delete(hash)
      else same.splice(same.lastIndexOf(removed), 1)
    }
  }
}

function hashOf(key: Key, row: unknown): number {
  return (Math.imul(hashRow(key), 31) + hashRow(row)) | 0
}
