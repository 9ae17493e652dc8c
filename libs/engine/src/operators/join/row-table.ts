import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { equalRows, hashRow } from '../changelog/row-equality.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { Chains } from './chains.ts'

/** Rows of one side and one key group in a snapshot, as columns of one length. */
export interface RowColumns {
  readonly keys: Key[]
  readonly rows: unknown[]
  readonly timestamps: number[]
  readonly came: number[]
  readonly alone: boolean[]
}

export const noRows = (): RowColumns => ({ keys: [], rows: [], timestamps: [], came: [], alone: [] })

/** What was taken out. */
export interface TakenRow {
  readonly row: unknown
  /** Whether it was in the result with null for its partner. */
  readonly alone: boolean
}

/** Means that there is no row. */
export const noRow = -1

const firstRows = 16
/** About what a row takes beside itself: its places in the columns and, shared with others, its key's in the map; … */
const placeBytes = 56
/** … where rows are taken back, its place among those of its hash; … */
const hashedBytes = 56
/** … and where they are forgotten, that in time. */
const timedBytes = 16

/**
 * The rows of one side of a join, each by a number, in columns: objects for them would be a fifth of what a join holds, and
 * as much of what the garbage collector has to move and mark. The rows of a key are in the order in which they came. Equal rows are as many entries as there
 * are of them, and any of them may be the one that is taken back.
 */
export class RowTable {
  readonly #byKey = new Map<Key, number>()
  /** Rows of one key. */
  readonly #ofKey = new Chains()
  /** The newest by the hash of key and row; undefined where rows are never taken back. */
  readonly #byHash: Map<number, number> | undefined
  /** Rows of one hash. */
  readonly #ofHash = new Chains()
  /** Whether rows are forgotten, oldest first. */
  readonly #forgets: boolean
  /** All rows in the order in which they came. */
  readonly #inTime = new Chains()
  #oldest = noRow

  readonly #keys: Key[] = []
  readonly #rows: unknown[] = []
  #timestamps = new Float64Array(firstRows)
  /** When it came, by the host's clock. */
  #came = new Float64Array(firstRows)
  /** 1: it is in the result with null for its partner. */
  #alone = new Uint8Array(firstRows)
  /** Numbers of rows that were taken out. */
  readonly #free: number[] = []
  readonly #weight = new StateWeight(() => this.#all(), weigh, 'rows')

  constructor({ takesBack, forgets }: { readonly takesBack: boolean; readonly forgets: boolean }) {
    this.#byHash = takesBack ? new Map() : undefined
    this.#forgets = forgets
  }

  get size(): number {
    return this.#rows.length - this.#free.length
  }

  /** About what all rows weigh. */
  get bytes(): number {
    const { size } = this
    const beside = placeBytes + (this.#byHash ? hashedBytes : 0) + (this.#forgets ? timedBytes : 0)
    return this.#weight.bytes(size) + size * beside
  }

  /** The first row of a key, which is the oldest. */
  first(key: Key): number {
    return this.#byKey.get(key) ?? noRow
  }

  /** The row behind that one. @param first of its key. */
  next(id: number, first: number): number {
    return this.#ofKey.next(id, first)
  }

  rowOf(id: number): unknown {
    return this.#rows[id]
  }

  timestampOf(id: number): number {
    return this.#timestamps[id]
  }

  isAlone(id: number): boolean {
    return this.#alone[id] === 1
  }

  setAlone(id: number, alone: boolean): void {
    this.#alone[id] = alone ? 1 : 0
  }

  /** First rows of all keys. */
  firsts(): Iterable<readonly [Key, number]> {
    return this.#byKey
  }

  /** @returns whether it is its key's first. */
  add(key: Key, row: unknown, timestamp: number, came: number, alone: boolean): boolean {
    const id = this.#free.pop() ?? this.#rows.length
    if (id === this.#timestamps.length) this.#grow(2 * id)
    this.#rows[id] = row
    this.#timestamps[id] = timestamp
    this.#came[id] = came
    this.#alone[id] = alone ? 1 : 0
    const first = this.#byKey.get(key)
    if (first === undefined) this.#byKey.set(key, id)
    this.#ofKey.append(id, first ?? noRow)
    // Only what may be taken out is looked for by itself.
    if (this.#byHash || this.#forgets) this.#keys[id] = key
    if (this.#byHash) {
      const hash = hashOf(key, row)
      this.#ofHash.append(id, this.#byHash.get(hash) ?? noRow)
      if (!this.#byHash.has(hash)) this.#byHash.set(hash, id)
    }
    if (this.#forgets) {
      this.#inTime.append(id, this.#oldest)
      if (this.#oldest === noRow) this.#oldest = id
    }
    return first === undefined
  }

  /** Takes out a row that equals this one, if there is one; the newest of them is found at once. */
  takeBack(key: Key, row: unknown): TakenRow | undefined {
    const first = this.#byHash?.get(hashOf(key, row)) ?? noRow
    for (let id = this.#ofHash.last(first); id !== noRow; id = this.#ofHash.previous(id, first)) {
      if (this.#keys[id] !== key || !equalRows(this.#rows[id], row)) continue
      const taken = { row: this.#rows[id], alone: this.isAlone(id) }
      this.#remove(id)
      return taken
    }
    return undefined
  }

  /** Forgets what came at that time of the host's clock or before. */
  forget(until: number): void {
    while (this.#oldest !== noRow && this.#came[this.#oldest] <= until) this.#remove(this.#oldest)
  }

  clear(): void {
    this.#byKey.clear()
    this.#byHash?.clear()
    this.#oldest = noRow
    for (const column of [this.#keys, this.#rows, this.#free]) column.length = 0
  }

  /** @param columnsOf the columns of a key group, to put its rows into. */
  save(columnsOf: (keyGroup: number) => RowColumns): void {
    for (const [key, first] of this.#byKey) {
      const columns = columnsOf(keyGroupOf(key))
      for (let id = first; id !== noRow; id = this.next(id, first)) {
        columns.keys.push(key)
        columns.rows.push(this.#rows[id])
        columns.timestamps.push(this.#timestamps[id])
        columns.came.push(this.#came[id])
        columns.alone.push(this.isAlone(id))
      }
    }
  }

  /** Puts back what was saved, of several key groups. */
  load(groups: readonly RowColumns[]): void {
    if (!this.#forgets) {
      for (const columns of groups) columns.keys.forEach((_, i) => this.#put(columns, i))
      return
    }
    // They are forgotten in the order of time, whichever key and subtask they were of.
    const places = groups.flatMap((columns) => columns.keys.map((_, i) => ({ columns, i })))
    places.sort((a, b) => a.columns.came[a.i] - b.columns.came[b.i])
    for (const { columns, i } of places) this.#put(columns, i)
  }

  #put({ keys, rows, timestamps, came, alone }: RowColumns, i: number): void {
    this.add(keys[i], rows[i], timestamps[i], came[i], alone[i])
  }

  #remove(id: number): void {
    const [key, row] = [this.#keys[id], this.#rows[id]]
    this.#cut(this.#byKey, key, this.#ofKey, id)
    if (this.#byHash) this.#cut(this.#byHash, hashOf(key, row), this.#ofHash, id)
    if (this.#forgets) this.#oldest = this.#inTime.remove(id, this.#oldest)
    this.#rows[id] = undefined
    this.#keys[id] = ''
    this.#free.push(id)
  }

  /** Takes a row out of its chain, whose first one stands in a map. */
  #cut<T>(firsts: Map<T, number>, at: T, chains: Chains, id: number): void {
    const former = firsts.get(at)!
    const first = chains.remove(id, former)
    if (first === noRow) firsts.delete(at)
    else if (first !== former) firsts.set(at, first)
  }

  #grow(length: number): void {
    const [timestamps, came, alone] = [this.#timestamps, this.#came, this.#alone]
    this.#timestamps = new Float64Array(length)
    this.#came = new Float64Array(length)
    this.#alone = new Uint8Array(length)
    this.#timestamps.set(timestamps)
    this.#came.set(came)
    this.#alone.set(alone)
  }

  /** Some of these may be undefined, where a row was taken out: it weighs nothing, and it is not counted. */
  *#all(): Generator<unknown, void> {
    for (let id = 0; id < this.#rows.length; id++) if (this.#rows[id] !== undefined) yield this.#rows[id]
  }
}

function hashOf(key: Key, row: unknown): number {
  return (Math.imul(hashRow(key), 31) + hashRow(row)) | 0
}
