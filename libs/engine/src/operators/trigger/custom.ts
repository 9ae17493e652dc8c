import { LightflusError, type TimeWindow, type WindowFunctions } from '@lightflus/api'
import { maxWatermark, minWatermark, noTimestamp } from '../../record.ts'
import { fire, nothing, purge, type Decision, type Trigger, type TriggeredWindow } from './trigger.ts'
import type { TriggerSlot } from './trigger-slot.ts'

/** The program's functions: see `trigger.custom` in libs/api. */
export type CustomFunctions = NonNullable<WindowFunctions['triggers']>[string]

/** What time it is, for the functions. */
export interface TriggerTimes {
  watermark(): number
  now(): number
}

/** A trigger that the program made. The driver hands it the records, and the times that it asked to be called back at. */
export interface CustomTrigger extends Trigger {
  readonly slot: number
  onRecord(window: TriggeredWindow, value: unknown, timestamp: number): void
  /** Calls back for the times up to `until`, earliest first. */
  onEventTime(window: TriggeredWindow, until: number): void
  onProcessingTime(window: TriggeredWindow, until: number): void
  /** The earliest time it asked to be called back at, or Infinity. */
  eventDue(window: TriggeredWindow): number
  processingDue(window: TriggeredWindow): number
}

/** What it remembers of a window. */
interface CustomMemory {
  state: unknown
  /** What its functions asked for in this pane. */
  decision: Decision
  /** Rising, each once. */
  readonly eventTimes: number[]
  readonly processingTimes: number[]
}

const decisions: Readonly<Record<string, Decision>> = {
  continue: nothing,
  fire,
  purge,
  fireAndPurge: 3,
}

export function customTrigger(functions: CustomFunctions, slot: number, times: TriggerTimes): CustomTrigger {
  const { onRecord, onEventTime, onProcessingTime } = functions
  const context = new CustomContext(slot, times)
  const memoryOf = ({ slots }: TriggeredWindow) => slots[slot] as CustomMemory

  function decideBy(action: unknown): void {
    const decision = decisions[(action ?? 'continue') as string]
    if (decision === undefined)
      throw new LightflusError(
        'LF_USER_RESULT',
        `a trigger's function returned ${JSON.stringify(action) ?? typeof action}; it returns nothing or one of ${Object.keys(decisions).join(', ')}.`,
      )
    context.memory.decision |= decision
  }

  /** Earliest first. What is called back is due no more, whatever its function does. */
  function callBack(times: number[], until: number, fn: typeof onRecord | undefined): void {
    while (times.length > 0 && times[0] <= until) {
      const time = times.shift()!
      if (fn) decideBy(fn(time, context))
    }
  }

  return {
    slot,
    decide: (window) => memoryOf(window).decision,
    dueAt: () => Infinity,
    onPaneEnd(window) {
      memoryOf(window).decision = nothing
    },
    onRecord(window, value, timestamp) {
      context.isAbout(window, timestamp === noTimestamp ? null : timestamp)
      decideBy(onRecord(value, context))
    },
    onEventTime(window, until) {
      context.isAbout(window, null, { ...noTimes, eventTime: until })
      callBack(context.memory.eventTimes, until, onEventTime)
    },
    onProcessingTime(window, until) {
      context.isAbout(window, null, { ...noTimes, processingTime: until })
      callBack(context.memory.processingTimes, until, onProcessingTime)
    },
    eventDue: (window) => memoryOf(window).eventTimes[0] ?? Infinity,
    processingDue: (window) => memoryOf(window).processingTimes[0] ?? Infinity,
  }
}

/** The times that are being called back: one that is set anew for its own time would be called for ever. */
const noTimes = { eventTime: -Infinity, processingTime: -Infinity }

/** What the functions may reach: one object for all calls, so that a record makes no garbage. */
class CustomContext {
  readonly timers = {
    setEventTime: (time: number) => insert(this.memory.eventTimes, time, this.#calledBack.eventTime),
    deleteEventTime: (time: number) => remove(this.memory.eventTimes, time),
    setProcessingTime: (time: number) => insert(this.memory.processingTimes, time, this.#calledBack.processingTime),
    deleteProcessingTime: (time: number) => remove(this.memory.processingTimes, time),
  }
  timestamp: number | null = null
  readonly #slot: number
  readonly #times: TriggerTimes
  #window!: TriggeredWindow
  #calledBack = noTimes

  constructor(slot: number, times: TriggerTimes) {
    this.#slot = slot
    this.#times = times
  }

  /** The next call is about this window. */
  isAbout(window: TriggeredWindow, timestamp: number | null, calledBack = noTimes): void {
    this.#window = window
    this.timestamp = timestamp
    this.#calledBack = calledBack
  }

  get memory(): CustomMemory {
    return this.#window.slots[this.#slot] as CustomMemory
  }

  get state(): unknown {
    return this.memory.state
  }

  set state(state: unknown) {
    this.memory.state = state
  }

  get window(): TimeWindow | null {
    const { start, end } = this.#window
    return end === maxWatermark ? null : { start, end }
  }

  get watermark(): number | null {
    const watermark = this.#times.watermark()
    return watermark === minWatermark ? null : watermark
  }

  get processingTime(): number {
    return this.#times.now()
  }
}

export function customSlot({ state, merge }: CustomFunctions): TriggerSlot {
  return {
    shape: 'custom',
    create: (): CustomMemory => ({ state: state?.(), decision: nothing, eventTimes: [], processingTimes: [] }),
    merge(a, b) {
      const into = a as CustomMemory
      const from = b as CustomMemory
      // Windows only merge where the program has said how its state does.
      into.state = merge(into.state, from.state)
      into.decision |= from.decision
      for (const time of from.eventTimes) insert(into.eventTimes, time, -Infinity)
      for (const time of from.processingTimes) insert(into.processingTimes, time, -Infinity)
      return into
    },
  }
}

function insert(times: number[], time: number, after: number): void {
  if (!Number.isFinite(time)) throw new LightflusError('LF_USER_FUNCTION', `a timer cannot be set for ${String(time)}.`)
  if (time <= after)
    throw new LightflusError(
      'LF_USER_FUNCTION',
      `a timer set for ${time} is not after ${after}, which is called back now.`,
    )
  let index = times.length
  while (index > 0 && times[index - 1] > time) index--
  if (times[index - 1] !== time) times.splice(index, 0, time)
}

function remove(times: number[], time: number): void {
  const index = times.indexOf(time)
  if (index >= 0) times.splice(index, 1)
}
