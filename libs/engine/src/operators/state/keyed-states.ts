import type { Aggregate, Key, StateSpec } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import { addSizes, type StateSize } from '../state-weight/reported-state.ts'
import type { KeyedState, StateContext } from './keyed-state.ts'
import { Lists } from './list-state.ts'
import { Maps } from './map-state.ts'
import { Folded } from './reducing-state.ts'
import type { StatesForm, TakeState } from './state-form.ts'
import { frozenInTurn, frozenWithin, StateCopying } from './state-copying.ts'
import { Values } from './value-state.ts'

/** States by name, as the graph describes them. */
export type StateOptions = Readonly<Record<string, Pick<StateSpec, 'kind' | 'ttlMs'> & { readonly version?: number }>>

/** Columns of one key group, by the state's name. */
export type KeyGroupStates = Record<string, unknown>

/** All states that a function of the program declares. */
export class KeyedStates {
  /** What the function reaches. */
  readonly handles: Readonly<Record<string, object>>
  /** What a checkpoint says of them: state is only restored into a state of the same name and kind. */
  readonly form: StatesForm
  readonly #states: readonly (readonly [string, KeyedState])[]
  readonly #copying = new StateCopying()

  constructor(
    options: StateOptions,
    reducers: Readonly<Record<string, Aggregate>>,
    given: Omit<StateContext, 'ttlMs' | 'copying'>,
  ) {
    const context = { ...given, copying: this.#copying }
    const states = Object.entries(options).map(
      ([name, { kind, ttlMs }]) => [name, createState(kind, { ...context, ttlMs }, reducers[name])] as const,
    )
    this.#states = states
    this.handles = Object.fromEntries(states)
    const versions = Object.entries(options).flatMap(([name, { version }]) =>
      version === undefined ? [] : [[name, version] as const],
    )
    this.form = {
      kinds: Object.fromEntries(
        Object.entries(options).map(([name, { kind }]) => [name, kindOf(kind, reducers[name])]),
      ),
      ...(versions.length > 0 && { versions: Object.fromEntries(versions) }),
    }
  }

  stateSize(): StateSize {
    const sizes = this.#states.map(([, state]) => state.stateSize())
    return sizes.reduce(addSizes, { entries: 0, bytes: 0 })
  }

  get expiryDue(): number {
    let due = Infinity
    for (const [, state] of this.#states) due = Math.min(due, state.expiryDue)
    return due
  }

  expire(now: number): void {
    for (const [, state] of this.#states) if (state.expiryDue <= now) state.expire(now)
  }

  snapshot(): Map<number, KeyGroupStates> {
    const groups = new Map<number, KeyGroupStates>()
    for (const [name, state] of this.#states) {
      for (const [keyGroup, columns] of state.snapshot()) {
        let group = groups.get(keyGroup)
        if (group === undefined) groups.set(keyGroup, (group = {}))
        group[name] = columns
      }
    }
    return groups
  }

  /** Blocks are parts of a {@link KeyGroupStates}. */
  freeze(): FrozenState {
    const parts = this.#states.map(([name, state]) => frozenWithin(state.freeze(), name))
    return frozenInTurn(parts, this.#copying)
  }

  /** Forgets the key. @returns what it had in all states; undefined: nothing */
  takeOut(key: Key): KeyGroupStates | undefined {
    let group: KeyGroupStates | undefined
    for (const [name, state] of this.#states) {
      const columns = state.takeOut(key)
      if (columns !== undefined) (group ??= {})[name] = columns
    }
    return group
  }

  restore(group: KeyGroupStates, take: TakeState): void {
    for (const [name, state] of this.#states) {
      if (group[name] === undefined) continue
      const migrate = take(name)
      if (migrate !== null) state.restore(group[name], migrate)
    }
  }
}

function kindOf(kind: StateSpec['kind'], aggregate: Aggregate | undefined): string {
  return kind === 'reducing' && aggregate?.form !== undefined ? `${kind} (${aggregate.form})` : kind
}

function createState(kind: StateSpec['kind'], context: StateContext, aggregate: Aggregate): KeyedState & object {
  switch (kind) {
    case 'value':
      return new Values(context)
    case 'list':
      return new Lists(context)
    case 'map':
      return new Maps(context)
    case 'reducing':
      return new Folded(context, aggregate)
  }
}
