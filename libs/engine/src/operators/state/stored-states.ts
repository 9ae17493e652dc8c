import { LightflusError, type Key } from '@lightflus/api'
import type { Clock } from '../../connector.ts'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import type { StateStore, StoredSnapshot } from '../../state-store/state-store.ts'
import type { StateSize } from '../state-weight/reported-state.ts'
import type { KeyedStates, KeyGroupStates } from './keyed-states.ts'
import type { TakeState } from './state-form.ts'

/** Keys that are in memory are between so many and twice as many … */
const youngKeysMaxByDefault = 1_024
/** … unless what was read of them weighs more than this, bytes. */
const youngBytesMax = 8 << 20

/** Every column set of a state has these: see KeyedState. */
interface AnyColumns {
  readonly keys: readonly Key[]
  readonly expiresAt: readonly number[] | null
}

/**
 * States of functions that lie in a store. A key that a record has is brought into the states in memory, and does there what
 * it always does; it is written back, if it has changed, once other keys have taken its place. So what is read, undone and
 * expired is the same with and without a store, but that an object of a state is only the state's as long as its key stays.
 *
 * Keys leave in two generations: those that no record had while as many others came.
 */
export class StoredStates {
  readonly #states: KeyedStates
  readonly #store: StateStore
  readonly #clock: Clock
  readonly #youngKeysMax: number
  #young = new Set<Key>()
  #old = new Set<Key>()
  #youngBytes = 0
  /** Keys in memory that were not in the store: of the young ones, and of the old. */
  #youngFresh = 0
  #oldFresh = 0
  /** Undefined is no key. */
  #latest: Key | undefined
  /** What the store threw last: no record is to be blamed for it. */
  failure: unknown

  constructor(states: KeyedStates, store: StateStore, clock: Clock, youngKeysMax = youngKeysMaxByDefault) {
    this.#states = states
    this.#store = store
    this.#clock = clock
    this.#youngKeysMax = youngKeysMax
  }

  /** Before a function is called with the key, and once what the last call wrote stays or is undone. */
  enter(key: Key): void {
    if (key === this.#latest || this.#young.has(key)) return
    try {
      if (this.#young.size >= this.#youngKeysMax || this.#youngBytes > youngBytesMax) this.#rotate()
      if (!this.#old.delete(key)) this.#load(key)
      this.#young.add(key)
      this.#latest = key
    } catch (thrown) {
      this.failure = thrown
      throw thrown
    }
  }

  /** All that is in memory is written, and will be read again when a record has it. */
  snapshot(): StoredSnapshot {
    this.#rotate()
    this.#rotate()
    return this.#store.snapshot()
  }

  /**
   * What a checkpoint holds, in memory or in files.
   * @param former names of all states in it
   * @param take how: versions are migrated now, all of them, and what is dropped goes, lest a later state of its name find it
   */
  restore(
    { segments }: OperatorRestore,
    groups: readonly KeyGroupStates[],
    { former, take }: { readonly former: readonly string[]; readonly take: TakeState },
  ): void {
    if (segments !== undefined) {
      this.#store.restore(segments)
      if (former.some((name) => take(name) !== undefined)) this.#takeAgain(take)
    }
    for (const group of groups) {
      this.#states.restore(group, take)
      const keys = new Set((Object.values(group) as AnyColumns[]).flatMap((columns) => columns.keys))
      for (const key of keys) this.#writeBack(key)
    }
  }

  stateSize(): StateSize {
    const { bytes } = this.#states.stateSize()
    const { entries, memoryBytes, diskBytes } = this.#store.size
    return { entries: entries + this.#youngFresh + this.#oldFresh, bytes: bytes + memoryBytes, diskBytes }
  }

  close(): void {
    this.#store.close()
  }

  #takeAgain(take: TakeState): void {
    for (const key of this.#store.keys()) {
      const stored = this.#store.get(key)
      if (stored === undefined) continue
      this.#states.restore(stored.state as KeyGroupStates, take)
      this.#writeBack(key)
    }
  }

  #load(key: Key): void {
    const stored = this.#store.get(key)
    if (stored === undefined) this.#youngFresh++
    else {
      this.#states.restore(stored.state as KeyGroupStates, asTheyAre)
      this.#youngBytes += stored.bytes
    }
  }

  #rotate(): void {
    for (const key of this.#old) this.#writeBack(key)
    this.#old = this.#young
    this.#young = new Set()
    this.#youngBytes = 0
    this.#oldFresh = this.#youngFresh
    this.#youngFresh = 0
    this.#latest = undefined
    this.#store.tidy(this.#clock.now())
  }

  #writeBack(key: Key): void {
    const group = this.#states.takeOut(key)
    if (group === undefined) return this.#store.delete(key)
    let expiresAt = -Infinity
    for (const { expiresAt: times } of Object.values(group) as AnyColumns[]) {
      if (times === null) expiresAt = Infinity
      else for (const time of times) expiresAt = Math.max(expiresAt, time)
    }
    this.#store.put(key, group, expiresAt)
  }
}

const asTheyAre: TakeState = () => undefined

/** @throws LF_RESTORE_MISMATCH where a checkpoint holds what only a store can take */
export function assertStore({ segments }: OperatorRestore, job: string, operator: string): void {
  if (segments === undefined) return
  throw new LightflusError(
    'LF_RESTORE_MISMATCH',
    `Job ${job}: the checkpoint holds states of operator ${operator} that lie on disk, and this deployment keeps states in memory.`,
    {
      details: { job, operator },
      nextStep: `Keep states on disk (\`--state-backend disk\`), or drop what the operator remembers: start afresh.`,
    },
  )
}
