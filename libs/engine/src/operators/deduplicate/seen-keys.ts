import type { Key } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import { keyGroupOf } from '../../key-group.ts'
import { ColumnBlocks } from '../state/state-copying.ts'

/** Of a key group in a snapshot: columns of one length. */
export interface KeyGroupSeen {
  readonly keys: Key[]
  /** When the key's first record came, by the host's clock. */
  readonly times: number[]
}

/** What is frozen, and how far it is copied. */
interface SeenCopy {
  readonly blocks: ColumnBlocks<KeyGroupSeen>
  readonly rest: Iterator<[Key, number], unknown>
  /** Keys that are yet to be copied. */
  left: number
  /** Keys that are copied and still there: those in front, since keys go in the order in which they came. */
  copied: number
}

/**
 * Keys with the times when they came, in the order of these: keys are added behind and go in front, and nothing else ever
 * changes. So how many were copied tells which.
 */
export class SeenKeys {
  readonly #times = new Map<Key, number>()
  #copy: SeenCopy | undefined

  get size(): number {
    return this.#times.size
  }

  keys(): IterableIterator<Key> {
    return this.#times.keys()
  }

  has(key: Key): boolean {
    return this.#times.has(key)
  }

  /** @param key one that is not there */
  add(key: Key, time: number): void {
    this.#times.set(key, time)
  }

  /** Those whose time is at most this. */
  forgetUntil(last: number): void {
    for (const [key, time] of this.#times) {
      if (time > last) return
      if (this.#copy !== undefined) this.#beforeForgetting(this.#copy, key, time)
      this.#times.delete(key)
    }
  }

  snapshot(): Map<number, KeyGroupSeen> {
    const groups = new Map<number, KeyGroupSeen>()
    for (const [key, time] of this.#times) {
      const keyGroup = keyGroupOf(key)
      let group = groups.get(keyGroup)
      if (group === undefined) groups.set(keyGroup, (group = noKeys()))
      put(group, key, time)
    }
    return groups
  }

  freeze(): FrozenState {
    return {
      bytes: 0,
      begin: (write) => {
        const blocks = new ColumnBlocks(write, noKeys)
        this.#copy = { blocks, rest: this.#times.entries(), left: this.#times.size, copied: 0 }
      },
      advance: (entries) => {
        const copy = this.#copy
        if (copy === undefined) return false
        for (let i = 0; i < entries && copy.left > 0; i++) {
          this.#copyOut(copy, ...(copy.rest.next().value as [Key, number]))
          copy.copied++
        }
        if (copy.left > 0) return true
        copy.blocks.flush()
        this.#copy = undefined
        return false
      },
      release: () => {
        this.#copy = undefined
      },
    }
  }

  #beforeForgetting(copy: SeenCopy, key: Key, time: number): void {
    if (copy.copied > 0) copy.copied--
    else if (copy.left > 0) this.#copyOut(copy, key, time)
  }

  #copyOut(copy: SeenCopy, key: Key, time: number): void {
    copy.left--
    copy.blocks.add(key, (columns) => put(columns, key, time))
  }
}

const noKeys = (): KeyGroupSeen => ({ keys: [], times: [] })

function put({ keys, times }: KeyGroupSeen, key: Key, time: number): void {
  keys.push(key)
  times.push(time)
}
