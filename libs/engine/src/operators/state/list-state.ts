import type { Key, ListState } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import type { Migrate } from '../migration.ts'
import type { StateSize } from '../state-weight/reported-state.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { GroupedColumns, leasesOf, type KeyedState, type StateContext } from './keyed-state.ts'
import { leaseBytes, type Lease, type Leases } from './leases.ts'
import { ownCopy } from './own-copy.ts'
import { StateCopy } from './state-copying.ts'

interface List<V> {
  /** Never both empty and stored. */
  values: V[]
  /** Of each value; it never falls, so that what has expired stands in front. Undefined without a time to live. */
  expiresAt: number[] | undefined
  /** Of the first value. */
  readonly lease: Lease | undefined
  /** See StateCopying; values are told by `ownTo`. */
  copiedIn: number
  /** In the copying of that number: values before this one are objects of the list's own, in an array of its own. */
  ownTo: number
}

/** Values of a list as they were at a barrier: the array may become longer, and does not change otherwise. */
interface ListRange<V> {
  readonly key: Key
  readonly values: readonly V[]
  readonly expiresAt: readonly number[] | undefined
  from: number
  readonly to: number
}

export interface ListColumns<V> {
  readonly keys: Key[]
  /** How many of the columns below belong to each key. */
  readonly lengths: number[]
  readonly values: V[]
  /** Null where the state has no time to live. */
  readonly expiresAt: number[] | null
}

/** Of a list at most so many values are copied at once. */
const rangeValues = 64

/** A list for each key that has values. */
export class Lists<V> implements ListState<V>, KeyedState<ListColumns<V>> {
  readonly #lists = new Map<Key, List<V>>()
  readonly #weight = new StateWeight(() => this.#lists.entries(), weighList)
  readonly #context: StateContext
  readonly #leases: Leases | undefined
  /** Long lists are copied in several steps, out of the arrays that they had. */
  readonly #copy: StateCopy<ListColumns<V>, ListRange<V>>

  constructor(context: StateContext) {
    this.#context = context
    this.#leases = leasesOf(context)
    this.#copy = new StateCopy(context, () => this.#columns())
  }

  add(value: V): void {
    const { current, undo } = this.#context
    const { key } = current
    const list = this.#lists.get(key)
    if (list === undefined) {
      this.#put(key, this.#listOf(key, [value]))
      undo?.note(() => this.#remove(key))
      return
    }
    this.#copyOut(key, list)
    list.values.push(value)
    list.expiresAt?.push(Math.max(list.expiresAt.at(-1)!, this.#leases!.newExpiry()))
    undo?.note(() => {
      list.values.pop()
      list.ownTo = Math.min(list.ownTo, list.values.length)
      list.expiresAt?.pop()
    })
  }

  get length(): number {
    const list = this.#current
    return list === undefined ? 0 : list.values.length - this.#firstLive(list)
  }

  get(): readonly V[] {
    const list = this.#current
    if (list === undefined) return []
    if (this.#copy.copying.isUnderWay) this.#handOut(this.#context.current.key, list)
    return list.values.slice(this.#firstLive(list))
  }

  set(values: Iterable<V>): void {
    this.clear()
    const copy = [...values]
    if (copy.length === 0) return
    const { key } = this.#context.current
    this.#put(key, this.#listOf(key, copy))
    this.#context.undo?.note(() => this.#remove(key))
  }

  clear(): void {
    const { key } = this.#context.current
    const list = this.#remove(key)
    if (list === undefined) return
    this.#context.undo?.note(() => {
      this.#put(key, list)
      if (list.lease !== undefined) this.#leases!.enlist(list.lease)
    })
  }

  snapshot(): ReadonlyMap<number, ListColumns<V>> {
    const columns = new GroupedColumns(() => this.#columns())
    for (const [key, list] of this.#lists) {
      const first = this.#firstLive(list)
      if (first === list.values.length) continue
      const { keys, lengths, values, expiresAt } = columns.of(key)
      keys.push(key)
      lengths.push(list.values.length - first)
      for (let i = first; i < list.values.length; i++) {
        values.push(list.values[i])
        expiresAt?.push(list.expiresAt![i])
      }
    }
    return columns.groups
  }

  freeze(): FrozenState {
    return this.#copy.freeze(() => this.#copyEach())
  }

  restore({ keys, lengths, values, expiresAt }: ListColumns<V>, migrate?: Migrate): void {
    let at = 0
    keys.forEach((key, index) => {
      const end = at + lengths[index]
      const own = { values: values.slice(at, end), expiresAt: expiresAt?.slice(at, end) }
      const kept = migrate === undefined ? own : migrated(own, (value) => migrate(value, key) as V | undefined)
      if (kept.values.length > 0) this.#restoreRange(key, kept)
      at = end
    })
  }

  takeOut(key: Key): ListColumns<V> | undefined {
    const list = this.#remove(key)
    if (list === undefined) return undefined
    const from = this.#firstLive(list)
    const values = list.values.slice(from)
    if (values.length === 0) return undefined
    return { keys: [key], lengths: [values.length], values, expiresAt: list.expiresAt?.slice(from) ?? null }
  }

  stateSize(): StateSize {
    const { size } = this.#lists
    return { entries: size, bytes: this.#weight.bytes(size) }
  }

  get expiryDue(): number {
    return this.#leases === undefined ? Infinity : this.#leases.dueAt
  }

  expire(now: number): void {
    for (const lease of this.#leases!.takeEnded(now)) {
      const list = this.#lists.get(lease.key)!
      this.#copyOut(lease.key, list)
      const first = this.#firstLive(list)
      if (first === list.values.length) {
        this.#lists.delete(lease.key)
        continue
      }
      // Not in place: they may be yet to be copied.
      list.values = list.values.slice(first)
      list.expiresAt = list.expiresAt!.slice(first)
      list.ownTo = Math.max(0, list.ownTo - first)
      lease.expiresAt = list.expiresAt![0]
      this.#leases!.enlist(lease)
    }
  }

  #columns(): ListColumns<V> {
    return { keys: [], lengths: [], values: [], expiresAt: this.#leases ? [] : null }
  }

  *#copyEach(): Generator<void, void> {
    for (const [key, list] of this.#lists) {
      this.#copyOut(key, list)
      yield
      yield* this.#copyRanges()
    }
    yield* this.#copyRanges()
  }

  *#copyRanges(): Generator<void, void> {
    const { removed } = this.#copy
    for (const range of removed) {
      yield* this.#copyRange(range)
      removed.delete(range)
    }
  }

  /** Before it changes or goes. What stands behind its values does not matter, so that a value that is added is no change. */
  #copyOut(key: Key, list: List<V>): void {
    const { blocks } = this.#copy
    if (blocks === undefined) return
    const { copying, frozenAt, removed } = this.#copy
    if (list.copiedIn >= copying.number) return
    list.copiedIn = copying.number
    list.ownTo = 0
    const { values, expiresAt } = list
    const range = { key, values, expiresAt, from: firstAfter(expiresAt, frozenAt), to: values.length }
    if (range.to - range.from > rangeValues) removed.add(range)
    else for (const _ of this.#copyRange(range));
  }

  *#copyRange(range: ListRange<V>): Generator<void, void> {
    const { key, to } = range
    while (range.from < to) {
      const from = range.from
      const end = Math.min(to, from + rangeValues)
      range.from = end
      const part = range.values.slice(from, end)
      this.#copy.blocks!.add(
        key,
        ({ keys, lengths, values, expiresAt }) => {
          keys.push(key)
          lengths.push(end - from)
          for (let i = from; i < end; i++) {
            values.push(part[i - from])
            expiresAt?.push(range.expiresAt![i])
          }
        },
        part,
      )
      yield
    }
  }

  /** Values that the program may change in place are to be the list's own: neither the copy nor another entry holds them. */
  #handOut(key: Key, list: List<V>): void {
    this.#copyOut(key, list)
    if (list.ownTo === 0) list.values = list.values.slice()
    const { values } = list
    for (; list.ownTo < values.length; list.ownTo++) {
      const own = ownCopy(values[list.ownTo])
      if (own === undefined && values[list.ownTo] !== undefined) return this.#writeOut(key, list)
      values[list.ownTo] = own as V
    }
  }

  /** All that is yet to be written of a list whose values cannot be given copies of their own. */
  #writeOut(key: Key, list: List<V>): void {
    list.ownTo = list.values.length
    for (const range of this.#copy.removed) if (range.key === key) for (const _ of this.#copyRange(range));
    this.#copy.blocks?.flushGroupOf(key)
  }

  get #current(): List<V> | undefined {
    return this.#lists.get(this.#context.current.key)
  }

  #listOf(key: Key, values: V[], restored?: number[]): List<V> {
    const copiedIn = this.#copy.copying.number
    const leases = this.#leases
    if (leases === undefined) return { values, expiresAt: undefined, lease: undefined, copiedIn, ownTo: 0 }
    const expiry = leases.newExpiry()
    const expiresAt = restored ?? values.map(() => expiry)
    return { values, expiresAt, lease: leases.grant(key, undefined, expiresAt[0]), copiedIn, ownTo: 0 }
  }

  /** A part of a list, which comes behind those before. */
  #restoreRange(key: Key, { values, expiresAt }: ListPart<V>): void {
    const list = this.#lists.get(key)
    if (list === undefined) return this.#put(key, this.#listOf(key, values, expiresAt))
    const expiry = this.#leases?.newExpiry()
    for (let i = 0; i < values.length; i++) {
      list.values.push(values[i])
      list.expiresAt?.push(expiresAt?.[i] ?? expiry!)
    }
  }

  #firstLive({ expiresAt }: List<V>): number {
    return firstAfter(expiresAt, this.#context.clock.now())
  }

  #put(key: Key, list: List<V>): void {
    this.#lists.set(key, list)
  }

  #remove(key: Key): List<V> | undefined {
    const list = this.#lists.get(key)
    if (list === undefined) return undefined
    this.#copyOut(key, list)
    this.#lists.delete(key)
    if (list.lease !== undefined) this.#leases!.release(list.lease)
    return list
  }
}

/** How many values in front have expired by then: by halves, since there may be many until they are removed. */
function firstAfter(expiresAt: readonly number[] | undefined, now: number): number {
  if (expiresAt === undefined) return 0
  let low = 0
  let high = expiresAt.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (expiresAt[middle] <= now) low = middle + 1
    else high = middle
  }
  return low
}

/** About what a key takes, its place in the map included. */
function weighList([key, { values, expiresAt, lease }]: [Key, List<unknown>]): number {
  const beside = lease === undefined ? 0 : leaseBytes + weigh(expiresAt)
  return 104 + weigh(key) + weigh(values) + beside
}

interface ListPart<V> {
  readonly values: V[]
  readonly expiresAt: number[] | undefined
}

/** Without those of which undefined becomes. */
function migrated<V>({ values, expiresAt }: ListPart<V>, migrate: (value: V) => V | undefined): ListPart<V> {
  const results = values.map(migrate)
  const isKept = (_: unknown, i: number): boolean => results[i] !== undefined
  return { values: results.filter((value) => value !== undefined), expiresAt: expiresAt?.filter(isKept) }
}
