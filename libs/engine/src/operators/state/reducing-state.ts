import type { Aggregate, Key, ReducingState } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import type { Migrate } from '../migration.ts'
import type { StateSize } from '../state-weight/reported-state.ts'
import type { KeyedState, StateContext } from './keyed-state.ts'
import { Values, type ValueColumns } from './value-state.ts'

/** What an aggregate has folded of each key: its accumulator is the value that is kept. */
export class Folded implements ReducingState<unknown, unknown>, KeyedState<ValueColumns<unknown>> {
  readonly #aggregate: Aggregate
  readonly #accumulators: Values<unknown>
  readonly #mayBeUndone: boolean

  constructor(context: StateContext, aggregate: Aggregate) {
    this.#aggregate = aggregate
    this.#accumulators = new Values(context)
    this.#mayBeUndone = context.undo !== undefined
  }

  add(value: unknown): void {
    const slot = this.#accumulators.slot
    let accumulator = slot === undefined ? this.#aggregate.create() : slot.value
    // It changes in place: what is put back when the record is skipped must be another one.
    if (this.#mayBeUndone && slot !== undefined && typeof accumulator === 'object' && accumulator !== null)
      accumulator = structuredClone(accumulator)
    this.#accumulators.put(this.#aggregate.add(accumulator, value))
  }

  get(): unknown {
    const slot = this.#accumulators.slot
    return slot === undefined ? undefined : this.#aggregate.result(slot.value)
  }

  clear(): void {
    this.#accumulators.clear()
  }

  snapshot(): ReadonlyMap<number, ValueColumns<unknown>> {
    return this.#accumulators.snapshot()
  }

  freeze(): FrozenState {
    return this.#accumulators.freeze()
  }

  restore(columns: ValueColumns<unknown>, migrate?: Migrate): void {
    this.#accumulators.restore(columns, migrate)
  }

  takeOut(key: Key): ValueColumns<unknown> | undefined {
    return this.#accumulators.takeOut(key)
  }

  stateSize(): StateSize {
    return this.#accumulators.stateSize()
  }

  get expiryDue(): number {
    return this.#accumulators.expiryDue
  }

  expire(now: number): void {
    this.#accumulators.expire(now)
  }
}
