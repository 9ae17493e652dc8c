import type { WatermarkKind } from '@lightflus/api'
import { minWatermark, maxWatermark, noTimestamp, type RecordBatch } from '../record.ts'
import { withoutRecords } from '../record-batch.ts'
import { ClockGuard } from '../watermark/clock-guard.ts'
import { isEventTime, nameTime } from '../watermark/event-time.ts'
import { createWatermarkStrategy } from '../watermark/watermark-strategy.ts'
import type { Operator, OperatorContext } from './operator.ts'
import type { RecordFailures } from './record-failures.ts'

/** How often a rule of the program is asked while nothing comes, milliseconds: as of sources. */
const periodMs = 50

interface AssignTimestampsState {
  readonly index: number
  readonly parallelism: number
  readonly watermark: number
  /** What the strategy remembers, where it does. */
  readonly strategy?: unknown
}

/**
 * The same records with other event times, and the watermark that follows from these: what comes in is passed over, but
 * for the last one, and idleness. Keeps that watermark and what its strategy remembers. A subtask goes on from its own
 * snapshot; at another parallelism from the least watermark of all, with what the strategy remembers begun anew.
 */
export function createAssignTimestamps(context: OperatorContext<'assignTimestamps'>): Operator {
  const { operator, failures, metrics, host, log, bounded, subtask } = context
  const { eventTime, watermark: functions } = operator.functions
  const options = operator.node.options as unknown as {
    readonly watermark: WatermarkKind
    readonly maxClockAheadMs: number | null
  }
  const strategy = createWatermarkStrategy(options.watermark, functions, failures)
  // Records of input that ends may lie in any year.
  const maxClockAheadMs = bounded ? null : options.maxClockAheadMs
  const guard = new ClockGuard({ maxClockAheadMs, clock: host.clock, metrics, log })
  const date = createDater(eventTime, failures)
  let partition = strategy(undefined)
  let watermark = minWatermark
  let askedAt = host.clock.now()

  function ask(now: number): void {
    askedAt = now
    const told = partition.onPeriodic(now)
    if (told > watermark && told <= guard.limit()) watermark = told
  }

  return {
    restore({ subtasks }) {
      const states = subtasks as AssignTimestampsState[]
      if (states.length === 0) return
      const { index, parallelism } = subtask
      const own = states.find((state) => state.index === index && state.parallelism === parallelism)
      watermark = own?.watermark ?? Math.min(...states.map((state) => state.watermark))
      partition = strategy(own?.strategy)
    },
    open() {},
    processBatch(batch, output) {
      const { batch: dated, newest } = date(batch)
      const taken = guard.take(partition, dated, newest)
      watermark = Math.max(watermark, taken.watermark)
      ask(host.clock.now())
      return output.emit(taken.batch)
    },
    onWatermark() {},
    outputWatermark: (input) => (input === maxWatermark ? maxWatermark : watermark),
    snapshot() {
      const remembered = partition.snapshot()
      const state: AssignTimestampsState = {
        ...subtask,
        watermark,
        ...(remembered !== undefined && { strategy: remembered }),
      }
      return { subtask: state, keyGroups: new Map() }
    },
    flush() {},
    endInput() {},
    ...(functions !== undefined &&
      'onPeriodic' in functions && { processingTimeDue: () => askedAt + periodMs, onProcessingTime: ask }),
    close() {},
  }
}

/** The batch with the event times that a function of the program gives, without the records that have none. */
function createDater(eventTime: (value: unknown) => unknown, failures: RecordFailures) {
  return (batch: RecordBatch): { batch: RecordBatch; newest: number } => {
    const { values } = batch
    const timestamps: number[] = []
    const skipped: number[] = []
    let newest = noTimestamp
    let index = 0
    while (index < values.length) {
      try {
        for (; index < values.length; index++) {
          const timestamp = eventTime(values[index])
          if (isEventTime(timestamp)) {
            timestamps.push(timestamp)
            if (timestamp > newest) newest = timestamp
            continue
          }
          failures.unusable('LF_RECORD_EVENT_TIME', `eventTime returned ${nameTime(timestamp)}.`, { batch, index })
          skipped.push(index)
        }
      } catch (thrown) {
        failures.threw(thrown, { batch, index })
        skipped.push(index++)
      }
    }
    return { batch: { ...withoutRecords(batch, skipped), timestamps }, newest }
  }
}
