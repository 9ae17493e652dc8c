import type { Key } from '@lightflus/api'
import type { WriteState } from '../checkpoint/frozen-state.ts'
import { keyGroupCount } from '../key-group.ts'
import type { PackedCells } from './packed-cells.ts'
import { chunkBits, chunkMask, type ColumnTable } from './column-table.ts'

/** Entries of one page, as a power of two: what is saved at once when one of them changes, so that it takes microseconds. */
const pageBits = 6
const pageEntries = 1 << pageBits
/** Entries of one block: enough for the frame around it not to be felt. */
const blockEntries = 256

/** Entries of one key group: see PackedCells. */
export type KeyedRows = Pick<PackedCells, 'keys' | 'rows'>

/**
 * A table's rows as they were when this was made, while the table goes on: a page of them is saved before the first of
 * its entries changes, unless it has been read by then. Keys never change, and are read from the table.
 */
export class TableCopy {
  readonly #table: ColumnTable
  readonly #size: number
  /** About what pages that were saved have taken. */
  bytes = 0
  /** By page: 1 where the table's own rows are still to be read. */
  readonly #isUnread: Uint8Array
  /** By chunk, where a page of it was saved. */
  readonly #saved: (Float64Array | undefined)[] = []
  #next = 0

  constructor(table: ColumnTable) {
    this.#table = table
    this.#size = table.size
    this.#isUnread = new Uint8Array((table.size + pageEntries - 1) >>> pageBits).fill(1)
  }

  beforeChanges(entries: Int32Array, from: number, to: number): void {
    const isUnread = this.#isUnread
    for (let i = from; i < to; i++) if (isUnread[entries[i] >>> pageBits] === 1) this.#save(entries[i] >>> pageBits)
  }

  beforeChange(entry: number): void {
    if (this.#isUnread[entry >>> pageBits] === 1) this.#save(entry >>> pageBits)
  }

  /** @param read is given a row that is not to be kept. @returns how many entries it has gone through, 0 at the end. */
  advance(entries: number, read: (key: Key, hash: number, rows: Float64Array, at: number) => void): number {
    const table = this.#table
    const end = Math.min(this.#size, this.#next + Math.max(entries, pageEntries))
    const from = this.#next
    while (this.#next < end) {
      const page = this.#next >>> pageBits
      const chunk = this.#next >>> chunkBits
      const rows = this.#isUnread[page] === 1 ? table.chunks[chunk] : this.#saved[chunk]!
      const pageEnd = Math.min(this.#size, (page + 1) << pageBits)
      for (let entry = this.#next; entry < pageEnd; entry++)
        read(table.keyOf(entry), table.hashOf(entry), rows, (entry & chunkMask) * table.stride)
      this.#isUnread[page] = 0
      this.#next = pageEnd
      if ((pageEnd & chunkMask) === 0) this.#saved[chunk] = undefined
    }
    return this.#next - from
  }

  #save(page: number): void {
    const { stride, chunks } = this.#table
    const first = page << pageBits
    const chunk = first >>> chunkBits
    const rows = chunks[chunk]
    const at = (first & chunkMask) * stride
    // Memory that is never written to is never taken, so that pages that do not change cost nothing.
    const saved = (this.#saved[chunk] ??= new Float64Array(this.#entriesIn(chunk) * stride))
    saved.set(rows.subarray(at, Math.min(at + pageEntries * stride, saved.length)), at)
    this.#isUnread[page] = 0
    this.bytes += pageEntries * stride * 8
  }

  #entriesIn(chunk: number): number {
    return Math.min(chunkMask + 1, this.#size - (chunk << chunkBits))
  }
}

/** Gathers rows by key group, and writes them a block at a time. */
export class KeyedBlocks {
  readonly #stride: number
  readonly #write: (keyGroup: number, rows: KeyedRows) => void
  readonly #groups: (Gathered | undefined)[] = new Array<undefined>(keyGroupCount).fill(undefined)

  constructor(stride: number, write: (keyGroup: number, rows: KeyedRows) => void) {
    this.#stride = stride
    this.#write = write
  }

  /** @param first takes the place of what the row begins with. */
  add(key: Key, hash: number, from: Float64Array, fromAt: number, first: number): void {
    const keyGroup = hash & (keyGroupCount - 1)
    const stride = this.#stride
    const group = (this.#groups[keyGroup] ??= {
      keys: [],
      rows: new Float64Array(blockEntries * stride),
      numeric: true,
    })
    const at = group.keys.length * stride
    const { rows } = group
    rows[at] = first
    for (let i = 1; i < stride; i++) rows[at + i] = from[fromAt + i]
    if (typeof key !== 'number') group.numeric = false
    if (group.keys.push(key) === blockEntries) this.#flush(keyGroup, group)
  }

  /** Writes what is left. */
  flush(): void {
    this.#groups.forEach((group, keyGroup) => {
      if (group !== undefined && group.keys.length > 0) this.#flush(keyGroup, group)
    })
  }

  #flush(keyGroup: number, group: Gathered): void {
    const { keys, rows, numeric } = group
    this.#write(keyGroup, {
      keys: numeric ? Float64Array.from(keys as number[]) : keys,
      rows: rows.subarray(0, keys.length * this.#stride),
    })
    group.keys = []
    group.numeric = true
  }
}

interface Gathered {
  keys: Key[]
  readonly rows: Float64Array
  numeric: boolean
}

/** Copies tables one after the other. */
export class TableCopies {
  readonly #tables: { readonly table: ColumnTable; readonly first: number }[]
  readonly #blockOf: (keyGroup: number, rows: KeyedRows) => object
  #blocks: KeyedBlocks | undefined

  /**
   * @param tables of one stride, each with the number that its rows are to begin with
   * @param blockOf what is written of some rows
   */
  constructor(
    tables: { readonly table: ColumnTable; readonly first: number }[],
    blockOf: (keyGroup: number, rows: KeyedRows) => object,
  ) {
    this.#tables = tables
    this.#blockOf = blockOf
  }

  get bytes(): number {
    return this.#tables.reduce((sum, { table }) => sum + (table.copy?.bytes ?? 0), 0)
  }

  begin(write: WriteState): void {
    for (const { table } of this.#tables) table.copy = new TableCopy(table)
    this.#blocks = new KeyedBlocks(this.#tables.at(0)?.table.stride ?? 1, (keyGroup, rows) =>
      write(keyGroup, this.#blockOf(keyGroup, rows)),
    )
  }

  advance(entries: number): boolean {
    const blocks = this.#blocks
    if (blocks === undefined) return false
    let left = entries
    while (left > 0 && this.#tables.length > 0) {
      const { table, first } = this.#tables[0]
      const gone = table.copy!.advance(left, (key, hash, rows, at) => blocks.add(key, hash, rows, at, first))
      left -= gone
      if (gone > 0) continue
      table.copy = undefined
      this.#tables.shift()
    }
    if (this.#tables.length > 0) return true
    blocks.flush()
    this.#blocks = undefined
    return false
  }

  release(): void {
    for (const { table } of this.#tables) table.copy = undefined
    this.#tables.length = 0
    this.#blocks = undefined
  }
}
