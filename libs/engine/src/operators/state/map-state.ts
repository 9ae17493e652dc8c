import type { Key, MapState } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import type { Migrate } from '../migration.ts'
import type { StateSize } from '../state-weight/reported-state.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { GroupedColumns, leasesOf, type KeyedState, type StateContext } from './keyed-state.ts'
import type { Lease, Leases } from './leases.ts'
import { handOut, StateCopy } from './state-copying.ts'

interface Entry<V> {
  value: V
  readonly lease: Lease | undefined
  /** See StateCopying. */
  copiedIn: number
}

export interface MapColumns<V> {
  readonly keys: Key[]
  /** How many of the columns below belong to each key. */
  readonly sizes: number[]
  readonly entryKeys: Key[]
  readonly values: V[]
  /** Null where the state has no time to live. */
  readonly expiresAt: number[] | null
}

/** A map for each key that has entries. Every entry has a lease of its own, and is copied by itself. */
export class Maps<V> implements MapState<Key, V>, KeyedState<MapColumns<V>> {
  readonly #maps = new Map<Key, Map<Key, Entry<V>>>()
  readonly #weight = new StateWeight(
    () => this.#maps.entries(),
    ([key, map]) => 48 + weigh(key) + weigh(map),
  )
  readonly #context: StateContext
  readonly #leases: Leases | undefined
  /** Maps that were cleared while they were yet to be copied. */
  readonly #copy: StateCopy<MapColumns<V>, readonly [Key, Map<Key, Entry<V>>]>

  constructor(context: StateContext) {
    this.#context = context
    this.#leases = leasesOf(context)
    this.#copy = new StateCopy(context, () => this.#columns())
  }

  get(entryKey: Key): V | undefined {
    const entry = this.#live(this.#current?.get(entryKey))
    if (entry !== undefined && this.#copy.copying.isUnderWay) this.#handOut(this.#context.current.key, entryKey, entry)
    return entry?.value
  }

  has(entryKey: Key): boolean {
    return this.#live(this.#current?.get(entryKey)) !== undefined
  }

  set(entryKey: Key, value: V): void {
    const entry = this.#current?.get(entryKey)
    const { undo, current } = this.#context
    const { key } = current
    if (entry === undefined) {
      const lease = this.#leases?.grant(key, entryKey)
      this.#put(key, entryKey, { value, lease, copiedIn: this.#copy.copying.number })
      undo?.note(() => this.#remove(key, entryKey))
      return
    }
    this.#copyOut(key, entryKey, entry)
    const { lease, value: former } = entry
    const expiresAt = lease?.expiresAt
    undo?.note(() => {
      this.#assign(entry, former)
      if (lease !== undefined) lease.expiresAt = expiresAt!
    })
    if (value !== former) this.#assign(entry, value)
    if (lease !== undefined) lease.expiresAt = this.#leases!.newExpiry()
  }

  delete(entryKey: Key): void {
    const { key } = this.#context.current
    const entry = this.#remove(key, entryKey)
    if (entry !== undefined) this.#context.undo?.note(() => this.#putBack(key, entryKey, entry))
  }

  get size(): number {
    const map = this.#current
    if (map === undefined || this.#leases === undefined) return map?.size ?? 0
    let size = 0
    for (const entry of map.values()) if (this.#leases.isLive(entry.lease!)) size++
    return size
  }

  *entries(): IterableIterator<[Key, V]> {
    const { key } = this.#context.current
    for (const [entryKey, entry] of this.#current ?? []) {
      if (this.#live(entry) === undefined) continue
      if (this.#copy.copying.isUnderWay) this.#handOut(key, entryKey, entry)
      yield [entryKey, entry.value]
    }
  }

  clear(): void {
    const { key } = this.#context.current
    const map = this.#current
    if (map === undefined) return
    this.#maps.delete(key)
    if (this.#copy.blocks !== undefined) this.#copy.removed.add([key, map])
    for (const { lease } of map.values()) if (lease !== undefined) this.#leases!.release(lease)
    this.#context.undo?.note(() => {
      this.#maps.set(key, map)
      for (const { lease } of map.values()) if (lease !== undefined) this.#leases!.enlist(lease)
    })
  }

  snapshot(): ReadonlyMap<number, MapColumns<V>> {
    const leases = this.#leases
    const columns = new GroupedColumns(() => this.#columns())
    for (const [key, map] of this.#maps) {
      let group: MapColumns<V> | undefined
      let size = 0
      for (const [entryKey, { value, lease }] of map) {
        if (lease !== undefined && !leases!.isLive(lease)) continue
        group ??= columns.of(key)
        group.entryKeys.push(entryKey)
        group.values.push(value)
        group.expiresAt?.push(lease!.expiresAt)
        size++
      }
      if (group === undefined) continue
      group.keys.push(key)
      group.sizes.push(size)
    }
    return columns.groups
  }

  freeze(): FrozenState {
    return this.#copy.freeze(() => this.#copyEach())
  }

  restore({ keys, sizes, entryKeys, values, expiresAt }: MapColumns<V>, migrate?: Migrate): void {
    let at = 0
    keys.forEach((key, index) => {
      for (const end = at + sizes[index]; at < end; at++) {
        const value = migrate === undefined ? values[at] : (migrate(values[at], key) as V)
        if (migrate !== undefined && value === undefined) continue
        const lease = this.#leases?.grant(key, entryKeys[at], expiresAt?.[at])
        this.#put(key, entryKeys[at], { value, lease, copiedIn: this.#copy.copying.number })
      }
    })
  }

  takeOut(key: Key): MapColumns<V> | undefined {
    const map = this.#maps.get(key)
    if (map === undefined) return undefined
    this.#maps.delete(key)
    const columns = this.#columns()
    for (const [entryKey, { value, lease }] of map) {
      if (lease !== undefined) this.#leases!.release(lease)
      if (lease !== undefined && !this.#leases!.isLive(lease)) continue
      columns.entryKeys.push(entryKey)
      columns.values.push(value)
      columns.expiresAt?.push(lease!.expiresAt)
    }
    columns.keys.push(key)
    columns.sizes.push(columns.values.length)
    return columns.values.length > 0 ? columns : undefined
  }

  stateSize(): StateSize {
    const { size } = this.#maps
    return { entries: size, bytes: this.#weight.bytes(size) }
  }

  get expiryDue(): number {
    return this.#leases === undefined ? Infinity : this.#leases.dueAt
  }

  expire(now: number): void {
    for (const { key, entry } of this.#leases!.takeEnded(now)) this.#remove(key, entry!)
  }

  #columns(): MapColumns<V> {
    return { keys: [], sizes: [], entryKeys: [], values: [], expiresAt: this.#leases ? [] : null }
  }

  *#copyEach(): Generator<void, void> {
    for (const part of this.#maps) yield* this.#copyMap(part)
    for (const part of this.#copy.removed) yield* this.#copyMap(part)
  }

  *#copyMap([key, map]: readonly [Key, Map<Key, Entry<V>>]): Generator<void, void> {
    for (const [entryKey, entry] of map) {
      this.#copyOut(key, entryKey, entry)
      yield
    }
  }

  /** Before it changes or goes. */
  #copyOut(key: Key, entryKey: Key, entry: Entry<V>): void {
    const { blocks } = this.#copy
    if (blocks === undefined) return
    const { copying, frozenAt } = this.#copy
    if (entry.copiedIn >= copying.number) return
    entry.copiedIn = copying.number
    const { value, lease } = entry
    if (lease !== undefined && lease.expiresAt <= frozenAt) return
    blocks.add(
      key,
      ({ keys, sizes, entryKeys, values, expiresAt }) => {
        if (keys.at(-1) === key) sizes[sizes.length - 1]++
        else {
          keys.push(key)
          sizes.push(1)
        }
        entryKeys.push(entryKey)
        values.push(value)
        expiresAt?.push(lease!.expiresAt)
      },
      value,
    )
  }

  #handOut(key: Key, entryKey: Key, entry: Entry<V>): void {
    if (typeof entry.value !== 'object' || entry.value === null) return
    this.#copyOut(key, entryKey, entry)
    handOut(entry, this.#copy.copying, () => this.#copy.blocks?.flushGroupOf(key))
  }

  #assign(entry: Entry<V>, value: V): void {
    entry.value = value
    // Others may hold it, too.
    if (this.#copy.copying.isUnderWay) entry.copiedIn = this.#copy.copying.number
  }

  get #current(): Map<Key, Entry<V>> | undefined {
    return this.#maps.get(this.#context.current.key)
  }

  #live(entry: Entry<V> | undefined): Entry<V> | undefined {
    return entry?.lease === undefined || this.#leases!.isLive(entry.lease) ? entry : undefined
  }

  #put(key: Key, entryKey: Key, entry: Entry<V>): void {
    const map = this.#maps.get(key)
    if (map === undefined) this.#maps.set(key, new Map([[entryKey, entry]]))
    else map.set(entryKey, entry)
  }

  #putBack(key: Key, entryKey: Key, entry: Entry<V>): void {
    this.#put(key, entryKey, entry)
    if (entry.lease !== undefined) this.#leases!.enlist(entry.lease)
  }

  #remove(key: Key, entryKey: Key): Entry<V> | undefined {
    const map = this.#maps.get(key)
    const entry = map?.get(entryKey)
    if (map === undefined || entry === undefined) return undefined
    this.#copyOut(key, entryKey, entry)
    map.delete(entryKey)
    if (map.size === 0) this.#maps.delete(key)
    if (entry.lease !== undefined) this.#leases!.release(entry.lease)
    return entry
  }
}
