import type { Key } from '@lightflus/api'

/**
 * Takes copies of a key group's state: what the block holds now, whatever becomes of it once this has returned. All blocks
 * of a group together are what `snapshot` gives of it: see `joinBlocks`.
 */
export type WriteState = (keyGroup: number, block: object) => void

/**
 * State as it was at a barrier, which is copied out bit by bit while the operator goes on. What the operator changes
 * meanwhile it copies out first, if that has not been done.
 *
 * 1. `begin` once, before the operator is called again.
 * 2. `advance` between its calls, until it says that nothing is left; then what was written is the state at the barrier.
 * 3. `release` instead, at any time, where the rest is not wanted.
 *
 * No state is frozen twice at a time: whoever is to freeze it again has it copied to its end, or released, before.
 */
export interface FrozenState {
  begin(write: WriteState): void
  /** @param entries about how many to go through. @returns whether any are left. */
  advance(entries: number): boolean
  release(): void
  /** What it holds beside the state itself, until that is written. */
  readonly bytes: number
}

/** An entry says which copying it was copied by, or was made after. */
export interface CopiedEntry {
  copiedIn: number
}

/** Entries of a Map that change in place, copied one by one. */
export class EntryCopies<E extends CopiedEntry> {
  /** Of the present copying, or the last one: what is added now is no part of it, and so carries its number. */
  number = 0
  #rest: Iterator<readonly [Key, E], unknown> | undefined
  #copy: ((key: Key, entry: E) => void) | undefined

  get isCopying(): boolean {
    return this.#copy !== undefined
  }

  /** @param entries goes on through those that are added meanwhile, as that of a Map does. */
  begin(entries: Iterable<readonly [Key, E]>, copy: (key: Key, entry: E) => void): void {
    this.number++
    this.#rest = entries[Symbol.iterator]()
    this.#copy = copy
  }

  /** Before an entry is changed, removed, or handed to someone who may change what is in it. */
  touch(key: Key, entry: E): void {
    if (this.#copy === undefined || entry.copiedIn === this.number) return
    entry.copiedIn = this.number
    this.#copy(key, entry)
  }

  advance(entries: number): boolean {
    for (let i = 0; i < entries && this.#rest !== undefined; i++) {
      const next = this.#rest.next()
      if (next.done === true) this.release()
      else this.touch(...next.value)
    }
    return this.isCopying
  }

  release(): void {
    this.#rest = this.#copy = undefined
  }
}
