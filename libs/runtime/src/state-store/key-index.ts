import { keyGroupCount } from '@lightflus/engine'

/** Where an entry lies. */
export interface Place {
  readonly segment: number
  readonly offset: number
  readonly bytes: number
}

const columns = 4
const smallest = 8
const empty = 0xffff_ffff
const gone = 0xffff_fffe

/**
 * Places of entries by the hash of their keys; several keys may have one hash, and whoever looks one up reads its entry to
 * see which it is. A table for each key group, so that none is large where it has to grow: a row is four words, hash,
 * segment, offset and length.
 */
export class KeyIndex {
  readonly #tables: (Table | undefined)[] = []
  #entries = 0

  get entries(): number {
    return this.#entries
  }

  get bytes(): number {
    let bytes = 0
    for (const table of this.#tables) bytes += table?.rows.byteLength ?? 0
    return bytes
  }

  /** Goes through the places of a hash until one is taken. @returns that one */
  find(hash: number, isIt: (place: Place) => boolean): Place | undefined {
    const row = this.#rowOf(hash, isIt)
    return row === undefined ? undefined : placeAt(this.#tables[hash & (keyGroupCount - 1)]!.rows, row)
  }

  add(hash: number, place: Place): void {
    const group = hash & (keyGroupCount - 1)
    const table = (this.#tables[group] ??= new Table(smallest))
    if ((table.used + 1) * 4 > table.capacity * 3) this.#tables[group] = grown(table)
    this.#tables[group]!.add(hash, place)
    this.#entries++
  }

  /** @returns whether it was there */
  remove(hash: number, place: Place): boolean {
    const row = this.#rowOf(hash, (each) => each.segment === place.segment && each.offset === place.offset)
    if (row === undefined) return false
    const table = this.#tables[hash & (keyGroupCount - 1)]!
    table.rows[row + 1] = gone
    table.live--
    this.#entries--
    return true
  }

  *places(): Generator<Place, void> {
    for (const table of this.#tables) {
      if (table === undefined) continue
      const { rows } = table
      for (let row = 0; row < rows.length; row += columns)
        if (rows[row + 1] !== empty && rows[row + 1] !== gone) yield placeAt(rows, row)
    }
  }

  #rowOf(hash: number, isIt: (place: Place) => boolean): number | undefined {
    const table = this.#tables[hash & (keyGroupCount - 1)]
    if (table === undefined) return undefined
    const { rows, capacity } = table
    for (let slot = firstSlot(hash, capacity); ; slot = (slot + 1) & (capacity - 1)) {
      const row = slot * columns
      if (rows[row + 1] === empty) return undefined
      if (rows[row + 1] !== gone && rows[row] === hash >>> 0 && isIt(placeAt(rows, row))) return row
    }
  }
}

class Table {
  readonly rows: Uint32Array
  readonly capacity: number
  /** Rows that are no more `empty`. */
  used = 0
  live = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.rows = new Uint32Array(capacity * columns).fill(empty)
  }

  add(hash: number, place: Place): void {
    const { rows, capacity } = this
    let slot = firstSlot(hash, capacity)
    while (rows[slot * columns + 1] !== empty) slot = (slot + 1) & (capacity - 1)
    this.set(slot * columns, hash, place)
    this.used++
    this.live++
  }

  set(row: number, hash: number, { segment, offset, bytes }: Place): void {
    const { rows } = this
    rows[row] = hash
    rows[row + 1] = segment
    rows[row + 2] = offset
    rows[row + 3] = bytes
  }
}

/** Without the rows that are gone: of the same size where these were many. */
function grown({ rows, capacity, live }: Table): Table {
  const next = new Table(live * 2 > capacity ? capacity * 2 : capacity)
  for (let row = 0; row < rows.length; row += columns) {
    const segment = rows[row + 1]
    if (segment !== empty && segment !== gone) next.add(rows[row], placeAt(rows, row))
  }
  return next
}

/** The low bits are those of the key group. */
const firstSlot = (hash: number, capacity: number): number => (hash >>> 7) & (capacity - 1)

const placeAt = (rows: Uint32Array, row: number): Place => ({
  segment: rows[row + 1],
  offset: rows[row + 2],
  bytes: rows[row + 3],
})
