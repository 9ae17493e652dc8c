import type { Key, ListState } from '@lightflus/api'
import type { Migrate } from '../migration.ts'
import type { StateSize } from '../state-weight/reported-state.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { GroupedColumns, leasesOf, type KeyedState, type StateContext } from './keyed-state.ts'
import { leaseBytes, type Lease, type Leases } from './leases.ts'

interface List<V> {
  /** Never both empty and stored. */
  readonly values: V[]
  /** Of each value; it never falls, so that what has expired stands in front. Undefined without a time to live. */
  readonly expiresAt: number[] | undefined
  /** Of the first value. */
  readonly lease: Lease | undefined
}

export interface ListColumns<V> {
  readonly keys: Key[]
  /** How many of the columns below belong to each key. */
  readonly lengths: number[]
  readonly values: V[]
  /** Null where the state has no time to live. */
  readonly expiresAt: number[] | null
}

/** A list for each key that has values. */
export class Lists<V> implements ListState<V>, KeyedState<ListColumns<V>> {
  readonly #lists = new Map<Key, List<V>>()
  readonly #weight = new StateWeight(() => this.#lists.entries(), weighList)
  readonly #context: StateContext
  readonly #leases: Leases | undefined

  constructor(context: StateContext) {
    this.#context = context
    this.#leases = leasesOf(context)
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
    list.values.push(value)
    list.expiresAt?.push(Math.max(list.expiresAt.at(-1)!, this.#leases!.newExpiry()))
    undo?.note(() => {
      list.values.pop()
      list.expiresAt?.pop()
    })
  }

  get length(): number {
    const list = this.#current
    return list === undefined ? 0 : list.values.length - this.#firstLive(list)
  }

  get(): readonly V[] {
    const list = this.#current
    return list === undefined ? [] : list.values.slice(this.#firstLive(list))
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
    const columns = new GroupedColumns<ListColumns<V>>(() => ({
      keys: [],
      lengths: [],
      values: [],
      expiresAt: this.#leases ? [] : null,
    }))
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

  restore({ keys, lengths, values, expiresAt }: ListColumns<V>, migrate?: Migrate): void {
    let at = 0
    keys.forEach((key, index) => {
      const end = at + lengths[index]
      const own = { values: values.slice(at, end), expiresAt: expiresAt?.slice(at, end) }
      const kept = migrate === undefined ? own : migrated(own, (value) => migrate(value, key) as V | undefined)
      if (kept.values.length > 0) this.#put(key, this.#listOf(key, kept.values, kept.expiresAt))
      at = end
    })
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
      const first = this.#firstLive(list)
      if (first === list.values.length) {
        this.#lists.delete(lease.key)
        continue
      }
      list.values.splice(0, first)
      list.expiresAt!.splice(0, first)
      lease.expiresAt = list.expiresAt![0]
      this.#leases!.enlist(lease)
    }
  }

  get #current(): List<V> | undefined {
    return this.#lists.get(this.#context.current.key)
  }

  #listOf(key: Key, values: V[], restored?: number[]): List<V> {
    const leases = this.#leases
    if (leases === undefined) return { values, expiresAt: undefined, lease: undefined }
    const expiry = leases.newExpiry()
    const expiresAt = restored ?? values.map(() => expiry)
    return { values, expiresAt, lease: leases.grant(key, undefined, expiresAt[0]) }
  }

  /** How many values in front have expired: by halves, since there may be many until they are removed. */
  #firstLive({ expiresAt }: List<V>): number {
    if (expiresAt === undefined) return 0
    const now = this.#context.clock.now()
    let low = 0
    let high = expiresAt.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (expiresAt[middle] <= now) low = middle + 1
      else high = middle
    }
    return low
  }

  #put(key: Key, list: List<V>): void {
    this.#lists.set(key, list)
  }

  #remove(key: Key): List<V> | undefined {
    const list = this.#lists.get(key)
    if (list === undefined) return undefined
    this.#lists.delete(key)
    if (list.lease !== undefined) this.#leases!.release(list.lease)
    return list
  }
}

/** About what a key takes, its place in the map included. */
function weighList([key, { values, expiresAt, lease }]: [Key, List<unknown>]): number {
  const beside = lease === undefined ? 0 : leaseBytes + weigh(expiresAt)
  return 88 + weigh(key) + weigh(values) + beside
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
