import { LightflusError, type Key, type SideOutput, type Timers } from '@lightflus/api'
import { maxWatermark, minWatermark, noTimestamp } from '../../record.ts'
import type { OperatorContext } from '../operator.ts'
import type { TimerDomain } from '../timers/timer-domain.ts'

/** What the function's calls of its context reach. */
export interface ContextReach {
  /** Undefined where there are no keys. */
  readonly current: { readonly key: Key } | undefined
  readonly watermark: () => number
  readonly clock: OperatorContext['host']['clock']
  readonly state: Readonly<Record<string, object>>
  readonly timers: Timers
  readonly output: (side: SideOutput<unknown>, value: unknown) => void
  /** What was broadcast, to read. */
  readonly broadcast?: Readonly<Record<string, object>>
}

/**
 * What functions of the program are handed beside the record: RecordContext, ProcessContext and TimerContext of the API.
 * One object for all calls of an operator; only the fields that are not readonly change.
 */
export class FunctionContext {
  timestamp: number | null = null
  timer: 'eventTime' | 'processingTime' | undefined
  readonly state: ContextReach['state']
  readonly timers: Timers
  readonly output: ContextReach['output']
  readonly broadcast: ContextReach['broadcast']
  readonly #reach: ContextReach

  constructor(reach: ContextReach) {
    this.#reach = reach
    this.state = reach.state
    this.timers = reach.timers
    this.output = reach.output
    this.broadcast = reach.broadcast
  }

  get key(): Key | null {
    const { current } = this.#reach
    return current === undefined ? null : current.key
  }

  get watermark(): number | null {
    const watermark = this.#reach.watermark()
    if (watermark === minWatermark) return null
    return watermark === maxWatermark ? Infinity : watermark
  }

  get processingTime(): number {
    return this.#reach.clock.now()
  }

  enter(timestamp: number): void {
    this.timestamp = timestamp === noTimestamp ? null : timestamp
  }
}

export interface TimerReach {
  readonly current: { readonly key: Key }
  readonly eventTime: TimerDomain
  readonly processingTime: TimerDomain
  /** Called before an event-time timer is set: may refuse. */
  readonly beforeSettingEventTime: (time: number, key: Key) => void
  /** The input has ended, so the clock is waited for no more. */
  readonly hasEnded: () => boolean
}

/** The timers of a function that has an `onTimer`. */
export function createTimers({
  current,
  eventTime,
  processingTime,
  beforeSettingEventTime,
  hasEnded,
}: TimerReach): Timers {
  return {
    setEventTime(time) {
      requireTime(time)
      beforeSettingEventTime(time, current.key)
      eventTime.set(time, current.key)
    },
    deleteEventTime: (time) => eventTime.delete(time, current.key),
    setProcessingTime(time) {
      requireTime(time)
      if (!hasEnded()) processingTime.set(time, current.key)
    },
    deleteProcessingTime: (time) => processingTime.delete(time, current.key),
  }
}

/** Those of a function without: setting one would be silent for ever. */
export function refusingTimers(): Timers {
  const refuse = () => {
    throw new LightflusError('LF_USER_CONTEXT', 'a timer was set, but there is no onTimer that it could call.')
  }
  return { setEventTime: refuse, setProcessingTime: refuse, deleteEventTime() {}, deleteProcessingTime() {} }
}

function requireTime(time: number): void {
  if (typeof time !== 'number' || !(Math.abs(time) <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(`a timer was set for ${String(time)}, which is no time in milliseconds since the epoch`)
}
