import type { Key, ValueState } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import type { Migrate } from '../migration.ts'
import type { StateSize } from '../state-weight/reported-state.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { GroupedColumns, leasesOf, type KeyedState, type StateContext } from './keyed-state.ts'
import { leaseBytes, type Lease, type Leases } from './leases.ts'
import { handOut, StateCopy } from './state-copying.ts'

export interface Slot<V> {
  value: V
  readonly lease: Lease | undefined
  /** See StateCopying. */
  copiedIn: number
}

export interface ValueColumns<V> {
  readonly keys: Key[]
  readonly values: V[]
  /** Null where the state has no time to live. */
  readonly expiresAt: number[] | null
}

/**
 * One value of each key. A value is written into its key's slot, so that a record that reads and writes looks the key up
 * once; records of one key in a row do not even do that.
 */
export class Values<V> implements ValueState<V>, KeyedState<ValueColumns<V>> {
  readonly #slots = new Map<Key, Slot<V>>()
  readonly #weight = new StateWeight(() => this.#slots.entries(), weighSlot)
  readonly #context: StateContext
  readonly #leases: Leases | undefined
  readonly #copy: StateCopy<ValueColumns<V>>
  /** The key that was looked up last, and its slot; undefined is no key. */
  #latestKey: Key | undefined
  #latest: Slot<V> | undefined

  constructor(context: StateContext) {
    this.#context = context
    this.#leases = leasesOf(context)
    this.#copy = new StateCopy(context, () => this.#columns())
  }

  /** The current key's, unless it has expired: what it holds may be changed in place. */
  get slot(): Slot<V> | undefined {
    const slot = this.#find()
    if (slot === undefined || (this.#leases !== undefined && !this.#leases.isLive(slot.lease!))) return undefined
    if (this.#context.copying.isUnderWay) this.#handOut(slot)
    return slot
  }

  get(): V | undefined {
    return this.slot?.value
  }

  set(value: V): void {
    if (value === undefined) this.clear()
    else this.put(value)
  }

  /** As `set`, for what may be undefined. */
  put(value: V): void {
    const slot = this.#find()
    if (slot === undefined) return this.#insert(value)
    this.#copyOut(this.#context.current.key, slot)
    this.#noteOverwriting(slot)
    if (slot.value !== value) this.#assign(slot, value)
    if (this.#leases !== undefined) slot.lease!.expiresAt = this.#leases.newExpiry()
  }

  clear(): void {
    const slot = this.#find()
    if (slot === undefined) return
    const { key } = this.#context.current
    this.#remove(key, slot)
    this.#context.undo?.note(() => {
      this.#store(key, slot)
      if (slot.lease !== undefined) this.#leases!.enlist(slot.lease)
    })
  }

  snapshot(): ReadonlyMap<number, ValueColumns<V>> {
    const leases = this.#leases
    const columns = new GroupedColumns(() => this.#columns())
    for (const [key, { value, lease }] of this.#slots) {
      if (lease !== undefined && !leases!.isLive(lease)) continue
      const { keys, values, expiresAt } = columns.of(key)
      keys.push(key)
      values.push(value)
      expiresAt?.push(lease!.expiresAt)
    }
    return columns.groups
  }

  freeze(): FrozenState {
    return this.#copy.freeze(() => this.#copyEach())
  }

  restore({ keys, values, expiresAt }: ValueColumns<V>, migrate?: Migrate): void {
    for (let i = 0; i < keys.length; i++) {
      const value = migrate === undefined ? values[i] : (migrate(values[i], keys[i]) as V)
      if (migrate !== undefined && value === undefined) continue
      const lease = this.#leases?.grant(keys[i], undefined, expiresAt?.[i])
      this.#slots.set(keys[i], { value, lease, copiedIn: this.#copy.copying.number })
    }
  }

  takeOut(key: Key): ValueColumns<V> | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    this.#remove(key, slot)
    const { value, lease } = slot
    if (lease === undefined) return { keys: [key], values: [value], expiresAt: null }
    return this.#leases!.isLive(lease) ? { keys: [key], values: [value], expiresAt: [lease.expiresAt] } : undefined
  }

  stateSize(): StateSize {
    const { size } = this.#slots
    return { entries: size, bytes: this.#weight.bytes(size) }
  }

  get expiryDue(): number {
    return this.#leases === undefined ? Infinity : this.#leases.dueAt
  }

  expire(now: number): void {
    for (const { key } of this.#leases!.takeEnded(now)) {
      this.#copyOut(key, this.#slots.get(key)!)
      this.#slots.delete(key)
    }
    this.#latestKey = undefined
  }

  #columns(): ValueColumns<V> {
    return { keys: [], values: [], expiresAt: this.#leases ? [] : null }
  }

  *#copyEach(): Generator<void, void> {
    for (const [key, slot] of this.#slots) {
      this.#copyOut(key, slot)
      yield
    }
  }

  /** Before it changes or goes. */
  #copyOut(key: Key, slot: Slot<V>): void {
    const { blocks } = this.#copy
    if (blocks === undefined) return
    const { copying, frozenAt } = this.#copy
    if (slot.copiedIn >= copying.number) return
    slot.copiedIn = copying.number
    const { value, lease } = slot
    if (lease !== undefined && lease.expiresAt <= frozenAt) return
    blocks.add(
      key,
      ({ keys, values, expiresAt }) => {
        keys.push(key)
        values.push(value)
        expiresAt?.push(lease!.expiresAt)
      },
      value,
    )
  }

  #handOut(slot: Slot<V>): void {
    if (typeof slot.value !== 'object' || slot.value === null) return
    const { key } = this.#context.current
    this.#copyOut(key, slot)
    handOut(slot, this.#copy.copying, () => this.#copy.blocks?.flushGroupOf(key))
  }

  #assign(slot: Slot<V>, value: V): void {
    slot.value = value
    // Others may hold it, too.
    if (this.#copy.copying.isUnderWay) slot.copiedIn = this.#copy.copying.number
  }

  #find(): Slot<V> | undefined {
    const { key } = this.#context.current
    if (key !== this.#latestKey) {
      this.#latest = this.#slots.get(key)
      this.#latestKey = key
    }
    return this.#latest
  }

  #insert(value: V): void {
    const { key } = this.#context.current
    const slot = { value, lease: this.#leases?.grant(key), copiedIn: this.#context.copying.number }
    this.#store(key, slot)
    this.#context.undo?.note(() => this.#remove(key, slot))
  }

  #noteOverwriting(slot: Slot<V>): void {
    const { undo } = this.#context
    if (undefined === undo) return
    const { value, lease } = slot
    const expiresAt = lease?.expiresAt
    undo.note(() => {
      this.#assign(slot, value)
      if (lease !== undefined) lease.expiresAt = expiresAt!
    })
  }

  #store(key: Key, slot: Slot<V>): void {
    this.#slots.set(key, slot)
    this.#latestKey = undefined
  }

  #remove(key: Key, slot: Slot<V>): void {
    const { lease } = slot
    this.#copyOut(key, slot)
    this.#slots.delete(key)
    this.#latestKey = undefined
    if (lease !== undefined) this.#leases!.release(lease)
  }
}

/** About what a key takes, its place in the map included. */
function weighSlot([key, { value, lease }]: [Key, Slot<unknown>]): number {
  return 88 + (lease === undefined ? 0 : leaseBytes) + weigh(key) + weigh(value)
}
