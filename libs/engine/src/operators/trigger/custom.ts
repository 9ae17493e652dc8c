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
  let window: TriggeredWindow
  let timestamp: number | null = null
  const memoryOf = ({ slots }: TriggeredWindow) => slots[slot] as CustomMemory
  const timers = {
    setEventTime: (time: number) => insert(memoryOf(window).eventTimes, time),
    deleteEventTime: (time: number) => remove(memoryOf(window).eventTimes, time),
    setProcessingTime: (time: number) => insert(memoryOf(window).processingTimes, time),
    deleteProcessingTime: (time: number) => remove(memoryOf(window).processingTimes, time),
  }
  const context = {
    timers,
    get state() {
      return memoryOf(window).state
    },
    set state(state: unknown) {
      memoryOf(window).state = state
    },
    get window(): TimeWindow | null {
      return window.end === maxWatermark ? null : { start: window.start, end: window.end }
    },
    get timestamp() {
      return timestamp
    },
    get watermark() {
      return times.watermark() === minWatermark ? null : times.watermark()
    },
    get processingTime() {
      return times.now()
    },
  }

  function call(about: TriggeredWindow, at: number | null, ask: () => unknown): void {
    window = about
    timestamp = at
    const action = ask() ?? 'continue'
    const decision = decisions[action as string]
    if (decision === undefined)
      throw new LightflusError(
        'LF_USER_RESULT',
        `a trigger's function returned ${JSON.stringify(action) ?? typeof action}; it returns nothing or one of ${Object.keys(decisions).join(', ')}.`,
      )
    memoryOf(window).decision |= decision
  }

  function callBack(about: TriggeredWindow, due: number[], until: number, fn: typeof onRecord | undefined): void {
    while (due.length > 0 && due[0] <= until) {
      const time = due.shift()!
      if (fn) call(about, null, () => fn(time, context))
    }
  }

  return {
    slot,
    decide: (about) => memoryOf(about).decision,
    dueAt: () => Infinity,
    onPaneEnd(about) {
      memoryOf(about).decision = nothing
    },
    onRecord(about, value, at) {
      call(about, at === noTimestamp ? null : at, () => onRecord(value, context))
    },
    onEventTime: (about, until) => callBack(about, memoryOf(about).eventTimes, until, onEventTime),
    onProcessingTime: (about, until) => callBack(about, memoryOf(about).processingTimes, until, onProcessingTime),
    eventDue: (about) => memoryOf(about).eventTimes[0] ?? Infinity,
    processingDue: (about) => memoryOf(about).processingTimes[0] ?? Infinity,
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
      for (const time of from.eventTimes) insert(into.eventTimes, time)
      for (const time of from.processingTimes) insert(into.processingTimes, time)
      return into
    },
  }
}

function insert(times: number[], time: number): void {
  if (!Number.isFinite(time)) throw new LightflusError('LF_USER_FUNCTION', `a timer cannot be set for ${String(time)}.`)
  let index = times.length
  while (index > 0 && times[index - 1] > time) index--
  if (times[index - 1] !== time) times.splice(index, 0, time)
}

function remove(times: number[], time: number): void {
  const index = times.indexOf(time)
  if (index >= 0) times.splice(index, 1)
}
