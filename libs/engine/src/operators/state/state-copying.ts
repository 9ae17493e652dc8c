import type { Key } from '@lightflus/api'
import type { FrozenState, WriteState } from '../../checkpoint/frozen-state.ts'
import type { Clock } from '../../connector.ts'
import { keyGroupOf } from '../../key-group.ts'
import { weigh } from '../state-weight/weigh.ts'
import { ownCopy } from './own-copy.ts'

/**
 * The copying of all states of an operator: one for all, since an object may be in several. What an entry says of it in
 * `copiedIn`: below `number`: it is yet to be copied; `number`: it is copied, or came later, and what it holds may be in
 * other entries, too; one more: what it holds is its own.
 */
export class StateCopying {
  /** Even. Of the present copying, or the last one. */
  number = 0
  isUnderWay = false

  begin(): void {
    this.number += 2
    this.isUnderWay = true
  }

  end(): void {
    this.isUnderWay = false
  }
}

/** What is copied of a state with each of its entries. */
export interface HeldEntry<V> {
  value: V
  copiedIn: number
}

/** What is gathered for one block: enough for the frame around it not to be felt. */
const blockEntries = 64
/** What they may weigh together, about, to be written within a slice. */
const blockBytes = 65_536

/** Gathers entries by key group, and writes them a block at a time. What is gathered must not change before it is written. */
export class ColumnBlocks<Columns extends object> {
  readonly #write: WriteState
  readonly #create: () => Columns
  readonly #groups = new Map<number, { readonly columns: Columns; entries: number; bytes: number }>()

  constructor(write: WriteState, create: () => Columns) {
    this.#write = write
    this.#create = create
  }

  /** @param put puts it into the columns of its key's group @param value what of it may be large */
  add(key: Key, put: (columns: Columns) => void, value?: unknown): void {
    const keyGroup = keyGroupOf(key)
    let group = this.#groups.get(keyGroup)
    if (group === undefined) this.#groups.set(keyGroup, (group = { columns: this.#create(), entries: 0, bytes: 0 }))
    put(group.columns)
    group.bytes += weigh(value)
    if (++group.entries >= blockEntries || group.bytes >= blockBytes) this.#flush(keyGroup, group.columns)
  }

  /** Writes what is gathered of a key's group. */
  flushGroupOf(key: Key): void {
    const keyGroup = keyGroupOf(key)
    const group = this.#groups.get(keyGroup)
    if (group !== undefined) this.#flush(keyGroup, group.columns)
  }

  flush(): void {
    for (const [keyGroup, { columns }] of this.#groups) this.#flush(keyGroup, columns)
  }

  #flush(keyGroup: number, columns: Columns): void {
    this.#groups.delete(keyGroup)
    this.#write(keyGroup, columns)
  }
}

/**
 * What a function of the program is handed of an entry while states are copied, which it may change in place: an object of
 * its own, so that neither what was gathered of it nor another entry that holds the same changes with it.
 * @param write writes all that was gathered of the entry's key, for what cannot be given a copy of its own
 */
export function handOut<V>(entry: HeldEntry<V>, { number }: StateCopying, write: () => void): void {
  if (entry.copiedIn > number) return
  entry.copiedIn = number + 1
  const own = ownCopy(entry.value)
  if (own === undefined) write()
  else entry.value = own
}

/** One state's part of the copying: what its entries are copied to, and what of it is kept to be copied later. */
export class StateCopy<Columns extends object, Removed = never> {
  readonly copying: StateCopying
  readonly #clock: Clock
  readonly #create: () => Columns
  /** Undefined: nothing is left to copy. */
  blocks: ColumnBlocks<Columns> | undefined
  /** When it was frozen: what had expired by then is no part of it. */
  frozenAt = 0
  readonly removed = new Set<Removed>()

  constructor({ copying, clock }: { readonly copying: StateCopying; readonly clock: Clock }, create: () => Columns) {
    this.copying = copying
    this.#clock = clock
    this.#create = create
  }

  /** @param steps copies all entries, then `removed`; yields after each. */
  freeze(steps: () => Iterator<void, void>): FrozenState {
    let rest: Iterator<void, void> | undefined
    const end = (): void => {
      rest = this.blocks = undefined
      this.removed.clear()
    }
    return {
      bytes: 0,
      begin: (write) => {
        this.frozenAt = this.#clock.now()
        this.blocks = new ColumnBlocks(write, this.#create)
        rest = steps()
      },
      advance: (entries) => {
        for (let i = 0; i < entries && rest !== undefined; i++) {
          if (!rest.next().done) continue
          this.blocks!.flush()
          end()
        }
        return rest !== undefined
      },
      release: () => {
        if (rest !== undefined) end()
      },
    }
  }
}

/** What is frozen together, and copied one after the other. */
export function frozenInTurn(parts: readonly FrozenState[], copying?: StateCopying): FrozenState {
  const left = [...parts]
  return {
    get bytes() {
      return left.reduce((sum, { bytes }) => sum + bytes, 0)
    },
    begin(write) {
      copying?.begin()
      for (const part of parts) part.begin(write)
    },
    advance(entries) {
      if (left.length === 0) return false
      if (!left[0].advance(entries)) left.shift()
      if (left.length > 0) return true
      copying?.end()
      return false
    },
    release() {
      if (left.length === 0) return
      for (const part of left.splice(0)) part.release()
      copying?.end()
    },
  }
}

/** The same, of which each block is written as a part of another. */
export function frozenWithin(frozen: FrozenState, name: string): FrozenState {
  return {
    get bytes() {
      return frozen.bytes
    },
    begin: (write) => frozen.begin((keyGroup, block) => write(keyGroup, { [name]: block })),
    advance: (entries) => frozen.advance(entries),
    release: () => frozen.release(),
  }
}
