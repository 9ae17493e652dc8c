import {
  LightflusError,
  type Aggregate,
  type ListState,
  type MapState,
  type ReducingState,
  type SideOutput,
  type ValueState,
} from '@lightflus/api'
import type { Clock } from '../../connector.ts'
import { noTimestamp } from '../../record.ts'
import { KeyedStates, type KeyGroupStates, type StateOptions } from '../state/keyed-states.ts'
import type { StatesForm, TakeState } from '../state/state-form.ts'
import type { StateSize } from '../state-weight/reported-state.ts'
import type { UndoLog } from '../state/undo-log.ts'
import type { Entered } from './process-driver.ts'

/** Broadcast state belongs to no key: it is kept as that of one. */
const oneKey = { key: '' }

/** What was broadcast, in one subtask: the same in all. */
export class BroadcastState {
  readonly #states: KeyedStates
  readonly #options: StateOptions

  constructor(
    options: StateOptions,
    reducers: Readonly<Record<string, Aggregate>>,
    context: { readonly clock: Clock; readonly undo: UndoLog | undefined },
  ) {
    this.#options = options
    this.#states = new KeyedStates(options, reducers, { ...context, current: oneKey })
  }

  get form(): StatesForm {
    return this.#states.form
  }

  /** To write and read. */
  get handles(): Readonly<Record<string, object>> {
    return this.#states.handles
  }

  /** To read only. */
  readers(): Readonly<Record<string, object>> {
    return Object.fromEntries(
      Object.entries(this.#states.handles).map(([name, state]) => [
        name,
        readers[this.#options[name].kind](state as never, name),
      ]),
    )
  }

  stateSize(): StateSize {
    return this.#states.stateSize()
  }

  snapshot(): KeyGroupStates[] {
    return [...this.#states.snapshot().values()]
  }

  restore(groups: readonly KeyGroupStates[], take: TakeState): void {
    for (const group of groups) this.#states.restore(group, take)
  }
}

/** What `onBroadcast` is handed: BroadcastContext of the API. */
export class BroadcastFunctionContext implements Entered {
  timestamp: number | null = null
  readonly broadcast: Readonly<Record<string, object>>
  readonly output: (side: SideOutput<unknown>, value: unknown) => void

  constructor(broadcast: BroadcastFunctionContext['broadcast'], output: BroadcastFunctionContext['output']) {
    this.broadcast = broadcast
    this.output = output
  }

  enter(timestamp: number): void {
    this.timestamp = timestamp === noTimestamp ? null : timestamp
  }
}

const refusal = (name: string) => (): never => {
  throw new LightflusError(
    'LF_USER_CONTEXT',
    `broadcast state '${name}' is to be read only here: onBroadcast alone may write to it, since it does so in every subtask.`,
  )
}

const readers = {
  value(state: ValueState<unknown>, name: string): ValueState<unknown> {
    const refuse = refusal(name)
    return { get: () => state.get(), set: refuse, clear: refuse }
  },
  list(state: ListState<unknown>, name: string): ListState<unknown> {
    const refuse = refusal(name)
    return {
      get: () => state.get(),
      get length() {
        return state.length
      },
      add: refuse,
      set: refuse,
      clear: refuse,
    }
  },
  map(state: MapState<unknown, unknown>, name: string): MapState<unknown, unknown> {
    const refuse = refusal(name)
    return {
      get: (key) => state.get(key),
      has: (key) => state.has(key),
      get size() {
        return state.size
      },
      entries: () => state.entries(),
      set: refuse,
      delete: refuse,
      clear: refuse,
    }
  },
  reducing(state: ReducingState<unknown, unknown>, name: string): ReducingState<unknown, unknown> {
    const refuse = refusal(name)
    return { get: () => state.get(), add: refuse, clear: refuse }
  },
}
