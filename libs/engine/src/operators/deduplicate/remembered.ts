import type { Key } from '@lightflus/api'
import { EntryCopies, type CopiedEntry, type FrozenState } from '../../checkpoint/frozen-state.ts'
import { keyGroupOf } from '../../key-group.ts'
import { ColumnBlocks } from '../state/state-copying.ts'

/** What is remembered of a key. It is replaced, and never changes. */
export interface RememberedEntry extends CopiedEntry {
  /** When it came, by the host's clock. */
  readonly time: number
}

/** Entries of keys, with a time to live in the order of their times. */
export class Remembered<Entry extends RememberedEntry, Columns extends object> {
  #entries = new Map<Key, Entry>()
  readonly #copies = new EntryCopies<Entry>()
  readonly #ttlMs: number | null
  readonly #create: () => Columns
  readonly #put: (columns: Columns, key: Key, entry: Entry) => void

  /**
   * @param ttlMs null: for ever
   * @param columns an empty key group of a snapshot, and how an entry is put into one
   */
  constructor(
    ttlMs: number | null,
    columns: {
      readonly create: () => Columns
      readonly put: (columns: Columns, key: Key, entry: Entry) => void
    },
  ) {
    this.#ttlMs = ttlMs
    this.#create = columns.create
    this.#put = columns.put
  }

  get size(): number {
    return this.#entries.size
  }

  entries(): IterableIterator<[Key, Entry]> {
    return this.#entries.entries()
  }

  get(key: Key): Entry | undefined {
    return this.#entries.get(key)
  }

  /** @param before what is remembered of the key so far */
  replace(key: Key, before: Entry | undefined, entry: Entry): void {
    if (before !== undefined) {
      this.#copies.touch(key, before)
      // Deleted first, since a map keeps the place of what is only overwritten.
      if (this.#ttlMs !== null) this.#entries.delete(key)
    }
    entry.copiedIn = this.#copies.number
    this.#entries.set(key, entry)
  }

  clear(): void {
    // Another map: what is yet to be copied of this one stays in it.
    this.#entries = new Map()
  }

  /** Forgets the keys whose time to live has ended. */
  forget(now: number): void {
    if (this.#ttlMs === null) return
    for (const [key, entry] of this.#entries) {
      if (entry.time > now - this.#ttlMs) return
      this.#copies.touch(key, entry)
      this.#entries.delete(key)
    }
  }

  snapshot(): Map<number, Columns> {
    const groups = new Map<number, Columns>()
    for (const [key, entry] of this.#entries) {
      const keyGroup = keyGroupOf(key)
      let group = groups.get(keyGroup)
      if (group === undefined) groups.set(keyGroup, (group = this.#create()))
      this.#put(group, key, entry)
    }
    return groups
  }

  freeze(): FrozenState {
    const copies = this.#copies
    let blocks: ColumnBlocks<Columns> | undefined
    return {
      bytes: 0,
      begin: (write) => {
        const gathered = (blocks = new ColumnBlocks(write, this.#create))
        copies.begin(this.#entries, (key, entry) =>
          gathered.add(key, (columns) => this.#put(columns, key, entry), entry),
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

/** Restored from several subtasks, whose keys are each in that order. */
export function inOrderOfTime<T extends { readonly time: number }>(entries: T[]): T[] {
  return entries.sort((a, b) => a.time - b.time)
}
