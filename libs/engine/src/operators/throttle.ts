import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import type { RecordBatch } from '../record.ts'
import { selectRecords } from '../record-batch.ts'
import { pause } from './async/pause.ts'
import type { Operator, OperatorContext, OperatorState, Output } from './operator.ts'

interface ThrottleState {
  /** The subtask whose records these are. */
  readonly subtask: number
  readonly held: readonly RecordBatch[]
  /** When the next may pass, by the clock of the worker. */
  readonly due: number
}

/** Where records pass faster than this, milliseconds, several do at once: timers are no finer. */
const portionMs = 10

/**
 * Lets records pass evenly spread, so many in a time over all subtasks, in the order in which they came. Those that may
 * not pass yet are held, which holds back what is before: the subtask reads nothing more meanwhile, but its source still
 * takes part in checkpoints, since held records are in the snapshot. What was held by a subtask that is gone passes
 * through another one. A watermark, and the end of the input, wait for all records before them.
 */
export function createThrottle({ operator, subtask, host, signal }: OperatorContext<'throttle'>): Operator {
  const { records, perMs } = operator.node.options as { records: number; perMs: number }
  const intervalMs = (perMs * subtask.parallelism) / records
  const portion = Math.max(1, Math.floor(portionMs / intervalMs))
  /** Batches that wait; of the first one the records from `passed` on. */
  const held: RecordBatch[] = []
  let passed = 0
  let due = -Infinity

  /** The next portion. */
  function pass(now: number, output: Output): void | Promise<void> {
    const batch = held[0]
    const from = passed
    const to = Math.min(from + portion, batch.values.length)
    // A timer that is late slows nothing down where many pass; where few do, none comes too soon after the one before.
    const since = portion === 1 ? now : Math.max(due, now - portionMs)
    due = since + (to - from) * intervalMs
    passed = to
    if (to === batch.values.length) {
      held.shift()
      passed = 0
    }
    return output.emit(rangeOf(batch, from, to))
  }

  async function passAll(output: Output): Promise<void> {
    while (held.length > 0) {
      const now = host.clock.now()
      if (now < due) await pause(host, due - now, signal)
      else await pass(now, output)
    }
  }

  return {
    restore({ subtasks }: OperatorRestore) {
      for (const left of subtasks as readonly ThrottleState[]) {
        if (left.subtask % subtask.parallelism !== subtask.index) continue
        held.push(...left.held)
        due = Math.max(due, left.due)
      }
    },
    open() {},
    processBatch(batch: RecordBatch, output: Output) {
      held.push(batch)
      const now = host.clock.now()
      if (held.length === 1 && now >= due) return pass(now, output)
    },
    // Where an operator of this chain has emitted at this watermark: it must not overtake that.
    onWatermark: (_watermark, output) => (held.length > 0 ? passAll(output) : undefined),
    snapshot: (): OperatorState => ({
      subtask: { subtask: subtask.index, held: remaining(), due } satisfies ThrottleState,
      keyGroups: new Map(),
    }),
    flush() {},
    endInput: (output) => (held.length > 0 ? passAll(output) : undefined),
    processingTimeDue: () => (held.length > 0 ? due : Infinity),
    onProcessingTime: pass,
    isBlocked: () => held.length > 0,
    close() {},
  }

  function remaining(): RecordBatch[] {
    return held.map((batch, index) => (index === 0 ? rangeOf(batch, passed, batch.values.length) : batch))
  }
}

function rangeOf(batch: RecordBatch, from: number, to: number): RecordBatch {
  if (from === 0 && to === batch.values.length) return batch
  return selectRecords(
    batch,
    Array.from({ length: to - from }, (_, offset) => from + offset),
  )
}
