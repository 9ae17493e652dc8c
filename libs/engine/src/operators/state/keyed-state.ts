import type { Key } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import type { Clock } from '../../connector.ts'
import { keyGroupOf } from '../../key-group.ts'
import type { Migrate } from '../migration.ts'
import type { StateSize } from '../state-weight/reported-state.ts'
import { Leases } from './leases.ts'
import type { StateCopying } from './state-copying.ts'
import type { UndoLog } from './undo-log.ts'

/** What a state is made with. */
export interface StateContext {
  /** Whose state is meant: changes from record to record. */
  readonly current: { readonly key: Key }
  readonly clock: Clock
  /** Absent: what was written always stays. */
  readonly undo: UndoLog | undefined
  /** Of all states of the operator. */
  readonly copying: StateCopying
  /** Null: entries are kept for ever. */
  readonly ttlMs: number | null
}

/**
 * One state of all keys of a subtask; what functions of the program call stands in the API (ValueState and the like).
 * A key whose state is empty has no entry. Columns are arrays of one length, which structured clone can copy.
 */
export interface KeyedState<Columns = unknown> {
  /** What has not expired, by key group. It refers to live values. */
  snapshot(): ReadonlyMap<number, Columns>
  /** The same, copied bit by bit: blocks of columns, of which several may hold a part of one key. */
  freeze(): FrozenState
  /**
   * Takes the columns of one key group. Entries that had no expiry get one where the state has a time to live. What comes
   * while a copy is under way is no part of it.
   * @param migrate makes values of the program's version; undefined: they are
   */
  restore(columns: Columns, migrate?: Migrate): void
  /** Forgets the key. @returns what of it has not expired; undefined: nothing. Not of a key that is yet to be copied. */
  takeOut(key: Key): Columns | undefined
  /** How many keys have something, and about what all of it weighs. */
  stateSize(): StateSize
  /** When {@link expire} has something to do, in milliseconds of the host's clock; Infinity: not at all. */
  readonly expiryDue: number
  /** Removes what has expired. Called between two records, so that nothing vanishes while a function runs. */
  expire(now: number): void
}

export const leasesOf = ({ ttlMs, clock }: StateContext): Leases | undefined =>
  ttlMs === null ? undefined : new Leases(ttlMs, clock)

/** Columns by key group, made where a group's first key is seen. */
export class GroupedColumns<Columns> {
  readonly groups = new Map<number, Columns>()
  readonly #create: () => Columns

  constructor(create: () => Columns) {
    this.#create = create
  }

  of(key: Key): Columns {
    const keyGroup = keyGroupOf(key)
    let columns = this.groups.get(keyGroup)
    if (columns === undefined) this.groups.set(keyGroup, (columns = this.#create()))
    return columns
  }
}
