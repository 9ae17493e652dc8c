import { LightflusError, type Aggregate, type Key, type Migrations, type Timers } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import { maxWatermark, minWatermark, noTimestamp, type RecordBatch } from '../../record.ts'
import type { FrozenOperatorState, Operator, OperatorContext, OperatorState, Output } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import { KeyedStates, type KeyGroupStates, type StateOptions } from '../state/keyed-states.ts'
import { frozenInTurn, frozenWithin } from '../state/state-copying.ts'
import { assertStore, StoredStates } from '../state/stored-states.ts'
import { takeStates, type StateKinds } from '../state/state-form.ts'
import type { MeasuredOperator, StateSize } from '../state-weight/reported-state.ts'
import type { UndoLog } from '../state/undo-log.ts'
import { TimerDomain } from '../timers/timer-domain.ts'
import type { TimerColumns } from '../timers/timer-queue.ts'
import { createTimers, FunctionContext, refusingTimers } from './function-context.ts'
import { Results } from './results.ts'

/** What process, connect and connectBroadcast have in their graph's options. */
interface ProcessOptions {
  readonly state: StateOptions
}

export interface DriverParts {
  /** Without a key there is neither state nor a timer. */
  readonly keyed: boolean
  readonly reducers: Readonly<Record<string, Aggregate>>
  readonly migrations: Migrations | undefined
  readonly onTimer: ((time: number, context: FunctionContext) => unknown) | undefined
  /** What was broadcast, to read. */
  readonly broadcast?: Readonly<Record<string, object>>
  /** Undefined where what was written always stays; of all that the functions write to. */
  readonly undo: UndoLog | undefined
}

/** What a function of the program is handed: it is told the event time of each record. */
export interface Entered {
  enter(timestamp: number): void
}

type RecordFunction<Context> = (value: unknown, context: Context) => unknown

interface DriverState {
  readonly states: StateKinds
  /** Of their values; absent: 1. */
  readonly versions?: Readonly<Record<string, number>>
  readonly watermark: number
}

interface DriverKeyGroup {
  states?: KeyGroupStates
  eventTimers?: TimerColumns
  processingTimers?: TimerColumns
}

/** About what a timer takes, where few keys have one for the same time. */
const timerBytes = 56

/** How many event-time timers a key may set after the end of the input for times that nothing has reached. */
const endTimersMax = 1_000

/**
 * The driver of process, connect and connectBroadcast: calls the functions of the program, each with its key's state and
 * timers, and emits what they return and write to side outputs.
 *
 * - Keeps the states of every key that has any (see the folder `state`), and the timers (see `timers`), nothing else.
 * - A watermark fires the event-time timers that it has reached, in the order of their times, and those for one time in
 *   the order in which they were set. The last watermark fires all; then the processing-time timers that are left fire,
 *   which takes the place of waiting for the clock, before the watermark is passed on.
 * - Under `onError: 'skip'` a call that throws leaves nothing: what it wrote to states, timers and outputs is undone.
 * - A snapshot holds states and timers by key group, and the watermark. Restored, it takes the least watermark of the old
 *   subtasks. A state that the program has no more, or as another kind, is refused; one that is new starts empty.
 */
export class ProcessDriver {
  readonly context: FunctionContext
  readonly results: Results
  readonly #undo: UndoLog | undefined
  readonly #operator: OperatorContext
  readonly #parts: DriverParts
  readonly #current: { key: Key } = { key: '' }
  readonly #states: KeyedStates
  /** Undefined: states are in memory. */
  readonly #stored: StoredStates | undefined
  readonly #eventTime: TimerDomain
  readonly #processingTime: TimerDomain
  #watermark = minWatermark
  /** The greatest event time of any record, where there are timers. */
  #newest = noTimestamp
  #hasEnded = false
  /** At the end of the input: the latest time that a record or a timer had. */
  #horizon = Infinity
  /** The timers that each key has set since for later, or for what was past. */
  readonly #endTimers = new Map<Key, number>()

  constructor(operator: OperatorContext, parts: DriverParts) {
    const { state } = operator.operator.node.options as unknown as ProcessOptions
    this.#operator = operator
    this.#parts = parts
    this.#undo = parts.undo
    this.results = new Results(operator.failures)
    this.#eventTime = new TimerDomain(parts.undo)
    this.#processingTime = new TimerDomain(parts.undo)
    const { clock } = operator.host
    const current = this.#current
    this.#states = new KeyedStates(parts.keyed ? state : {}, parts.reducers, { current, clock, undo: parts.undo })
    if (parts.keyed && Object.keys(state).length > 0 && operator.openStateStore)
      this.#stored = new StoredStates(this.#states, operator.openStateStore(), clock)
    this.context = new FunctionContext({
      current: parts.keyed ? current : undefined,
      watermark: () => this.#watermark,
      clock,
      state: this.#states.handles,
      timers: parts.onTimer === undefined ? refusingTimers() : this.#createTimers(),
      output: this.results.write,
      ...(parts.broadcast && { broadcast: parts.broadcast }),
    })
  }

  /** The operator that calls the driver; only what has something to wait for asks to be called back by the clock. */
  toOperator(processBatch: Operator['processBatch']): MeasuredOperator {
    return {
      restore: (restored) => this.restore(restored),
      open() {},
      processBatch,
      onWatermark: (watermark, output) => this.onWatermark(watermark, output),
      snapshot: () => (this.#parts.keyed ? this.snapshot() : undefined),
      stateSize: () => this.stateSize(),
      flush() {},
      endInput() {},
      ...(this.#parts.keyed && {
        freeze: () => this.freeze(),
        processingTimeDue: () => Math.min(this.#states.expiryDue, this.#processingTime.next),
        onProcessingTime: (now: number, output: Output) => this.onProcessingTime(now, output),
      }),
      close: () => this.#stored?.close(),
    }
  }

  /** Calls the function with every record; `context` is what it is handed. */
  processBatch<Context extends Entered>(
    batch: RecordBatch,
    output: Output,
    fn: RecordFunction<Context>,
    context: Context,
  ): void | Promise<void> {
    if (this.#parts.onTimer !== undefined) this.#noteNewest(batch.timestamps)
    this.results.beginBatch(batch.origin)
    this.context.timer = undefined
    return this.#goOn(batch, output, { fn, context }, 0)
  }

  onWatermark(watermark: number, output: Output): void | Promise<void> {
    if (watermark === maxWatermark) {
      this.results.beginBatch(undefined)
      return emitEach(this.#fireAll(), this.results, output)
    }
    // A source that was restored repeats its watermark: timers for what was past by then wait for the next one.
    if (watermark <= this.#watermark) return
    this.#watermark = watermark
    if (this.#eventTime.next > watermark) return
    this.results.beginBatch(undefined)
    return emitEach(this.#fire('eventTime', watermark), this.results, output)
  }

  onProcessingTime(now: number, output: Output): void | Promise<void> {
    this.#states.expire(now)
    this.results.beginBatch(undefined)
    return emitEach(this.#fire('processingTime', now), this.results, output)
  }

  snapshot(): OperatorState {
    const keyGroups = new Map<number, DriverKeyGroup>()
    const groupOf = (keyGroup: number) => {
      let group = keyGroups.get(keyGroup)
      if (group === undefined) keyGroups.set(keyGroup, (group = {}))
      return group
    }
    const stored = this.#stored?.snapshot()
    for (const [keyGroup, states] of this.#states.snapshot()) groupOf(keyGroup).states = states
    for (const [keyGroup, timers] of this.#eventTime.snapshot()) groupOf(keyGroup).eventTimers = timers
    for (const [keyGroup, timers] of this.#processingTime.snapshot()) groupOf(keyGroup).processingTimers = timers
    return {
      subtask: this.#driverState(),
      keyGroups,
      ...(stored && { stored }),
    }
  }

  /** Blocks are parts of what the snapshot holds of a key group. */
  freeze(): FrozenOperatorState {
    const stored = this.#stored?.snapshot()
    const keyGroups = frozenInTurn([
      frozenWithin(this.#states.freeze(), 'states'),
      frozenWithin(this.#eventTime.freeze(), 'eventTimers'),
      frozenWithin(this.#processingTime.freeze(), 'processingTimers'),
    ])
    return { subtask: this.#driverState(), keyGroups, ...(stored && { stored }) }
  }

  #driverState(): DriverState {
    const { kinds, versions } = this.#states.form
    return { states: kinds, ...(versions && { versions }), watermark: this.#watermark }
  }

  stateSize(): StateSize {
    const { entries, bytes, diskBytes } = (this.#stored ?? this.#states).stateSize()
    const timers = this.#eventTime.size + this.#processingTime.size
    return { entries: entries + timers, bytes: bytes + timers * timerBytes, ...(diskBytes && { diskBytes }) }
  }

  /** @throws LF_RESTORE_MISMATCH where the checkpoint holds what has no place here. */
  restore(restored: OperatorRestore): void {
    const { subtasks, keyGroups, dropped } = restored
    const present = { ...this.#states.form, migrations: this.#parts.migrations ?? {} }
    const takes = (subtasks as DriverState[]).map(({ states, versions }) =>
      takeStates(this.#operator, { kinds: states, ...(versions && { versions }) }, present, { dropped }),
    )
    // Not the greatest: a subtask that has finished says that the input has ended.
    this.#watermark = Math.min(...(subtasks as DriverState[]).map(({ watermark }) => watermark))
    const groups = [...(keyGroups.values() as Iterable<DriverKeyGroup>)]
    // One program wrote all of a checkpoint.
    const restoredStates = groups.flatMap(({ states }): KeyGroupStates[] => (states ? [states] : []))
    const former = Object.keys((subtasks as DriverState[])[0].states)
    if (this.#stored) this.#stored.restore(restored, restoredStates, { former, take: takes[0] })
    else {
      assertStore(restored, this.#operator.job, this.#operator.operator.node.id)
      for (const states of restoredStates) this.#states.restore(states, takes[0])
    }
    const eventTimers = groups.flatMap(({ eventTimers: timers }) => timers ?? [])
    const processingTimers = groups.flatMap(({ processingTimers: timers }) => timers ?? [])
    if (eventTimers.length + processingTimers.length > 0 && this.#parts.onTimer === undefined)
      assertShape(this.#operator, 'timers', 'no onTimer')
    this.#eventTime.restore(eventTimers)
    this.#processingTime.restore(processingTimers)
  }

  /** Batches of the usual size come out, however much the functions return. */
  #goOn<Context extends Entered>(
    batch: RecordBatch,
    output: Output,
    call: { readonly fn: RecordFunction<Context>; readonly context: Context },
    from: number,
  ): void | Promise<void> {
    for (let next = from; next < batch.values.length;) {
      next = this.#callEach(batch, call.fn, call.context, next)
      const wait = this.results.emit(output)
      if (wait) return wait.then(() => this.#goOn(batch, output, call, next))
    }
  }

  /** The hot loop. @returns the index of the first record that there was no more room for. */
  #callEach<Context extends Entered>(
    batch: RecordBatch,
    fn: RecordFunction<Context>,
    context: Context,
    from: number,
  ): number {
    const { values, timestamps } = batch
    const keys = this.#parts.keyed ? batch.keys : undefined
    const { results } = this
    const undo = this.#undo
    const current = this.#current
    const stored = this.#stored
    let index = from
    while (index < values.length) {
      try {
        for (; index < values.length; index++) {
          if (results.isFull) return index
          if (keys !== undefined) {
            current.key = keys[index]
            if (stored !== undefined) stored.enter(keys[index])
          }
          context.enter(timestamps[index])
          results.begin(timestamps[index], index)
          results.add(fn(values[index], context))
          if (undo !== undefined) undo.keep()
        }
      } catch (thrown) {
        this.#takeBack(thrown)
        this.#operator.failures.threw(thrown, { batch, index })
        index++
      }
    }
    return index
  }

  *#fireAll(): Generator<void, void> {
    this.#horizon = Math.max(this.#newest, this.#watermark, this.#eventTime.last)
    this.#watermark = maxWatermark
    this.#hasEnded = true
    do {
      yield* this.#fire('eventTime', maxWatermark)
      yield* this.#fire('processingTime', maxWatermark)
    } while (this.#eventTime.next < Infinity)
  }

  /** Yields wherever there is enough to emit. */
  *#fire(timer: 'eventTime' | 'processingTime', until: number): Generator<void, void> {
    const domain = timer === 'eventTime' ? this.#eventTime : this.#processingTime
    for (const { time, key } of domain.fireUntil(until)) {
      this.#call(timer, time, key)
      if (this.results.isFull) yield
    }
  }

  #call(timer: 'eventTime' | 'processingTime', time: number, key: Key): void {
    const { context, results } = this
    const timestamp = timer === 'eventTime' ? time : noTimestamp
    this.#current.key = key
    this.#stored?.enter(key)
    context.timer = timer
    context.enter(timestamp)
    results.begin(timestamp, 0)
    try {
      results.add(this.#parts.onTimer!(time, context))
      this.#undo?.keep()
    } catch (thrown) {
      this.#takeBack(thrown)
      this.#operator.failures.threw(thrown, { key })
    }
  }

  #takeBack(thrown: unknown): void {
    if (this.#stored !== undefined && this.#stored.failure === thrown && thrown !== undefined) throw thrown
    this.results.takeBack()
    this.#undo?.undo()
  }

  #createTimers(): Timers {
    return createTimers({
      current: this.#current,
      eventTime: this.#eventTime,
      processingTime: this.#processingTime,
      beforeSettingEventTime: (time, key) => {
        if (this.#hasEnded) this.#countEndTimer(time, key)
      },
      hasEnded: () => this.#hasEnded,
    })
  }

  /** A timer that sets itself again would otherwise go on for ever: after the last watermark every time has come. */
  #countEndTimer(time: number, key: Key): void {
    const { timestamp } = this.context
    if (time <= this.#horizon && timestamp !== null && time > timestamp) return
    const count = (this.#endTimers.get(key) ?? 0) + 1
    this.#endTimers.set(key, count)
    if (count <= endTimersMax) return
    throw new LightflusError(
      'LF_USER_CONTEXT',
      `key ${JSON.stringify(key)} has set more than ${endTimersMax} event-time timers after the end of the input: where onTimer sets timers again, let it stop once context.watermark is Infinity.`,
    )
  }

  #noteNewest(timestamps: readonly number[]): void {
    let newest = this.#newest
    for (let i = 0; i < timestamps.length; i++) if (timestamps[i] > newest) newest = timestamps[i]
    this.#newest = newest
  }
}

/** Emits what there is whenever there is enough, and at the end; waits only where the output asks for it. */
function emitEach(steps: Iterator<void, void>, results: Results, output: Output): void | Promise<void> {
  for (;;) {
    const { done } = steps.next()
    const wait = results.emit(output)
    if (done) return wait
    if (wait) return wait.then(() => emitEach(steps, results, output))
  }
}
