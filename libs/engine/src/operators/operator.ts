import type { OperatorDefinition, OperatorKind } from '@lightflus/api'
import type { FrozenState } from '../checkpoint/frozen-state.ts'
import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import type { RecordBatch } from '../record.ts'
import type { StateStore, StoredSnapshot } from '../state-store/state-store.ts'
import type { OperatorMetrics } from '../subtask/metrics.ts'
import type { Host } from '../subtask/ports.ts'
import type { StateAccount } from '../subtask/state-budget.ts'
import type { RecordFailures } from './record-failures.ts'

/** Where an operator's results go. A promise is back-pressure: emit nothing more until it settles. */
export interface Output {
  emit(batch: RecordBatch): void | Promise<void>
  /** To the side output of that name; records for one that nobody takes are dropped. */
  emitSide(name: string, batch: RecordBatch): void | Promise<void>
}

/** State of an operator in one subtask, live: see SubtaskSnapshot. */
export interface OperatorState {
  readonly subtask: unknown
  readonly keyGroups: ReadonlyMap<number, unknown>
  /** Beside, what lies in files. Absent: nothing. */
  readonly stored?: StoredSnapshot
}

/** The same, of which the part by key group is yet to be copied. */
export interface FrozenOperatorState {
  readonly subtask: unknown
  readonly keyGroups: FrozenState
  readonly stored?: StoredSnapshot
}

/**
 * An operator other than a source, as one subtask runs it. The chain calls:
 *
 * 1. `restore` at most once, then `open` once, before anything else.
 * 2. `processBatch`, `onWatermark`, `snapshot` and `flush` in the order of the stream and one at a time: each call's
 *    promise has settled before the next call (trusted by operators, kept by the chain).
 * 3. `onWatermark` with timestamps that rise (kept by the chain): the least of all inputs. The chain passes the
 *    watermark on itself, after what the operator emitted; that of `outputWatermark`, where there is one.
 * 4. `flush` then `snapshot` at each barrier. What `snapshot` returns may be live: it is copied before the next call.
 * 5. `endInput` once, after the last watermark, unless the subtask is stopped or cancelled; then once more `flush` and
 *    `snapshot`.
 * 6. `onProcessingTime`, where there is one, between two of the calls above, when the host's clock has reached
 *    `processingTimeDue()`: which the subtask asks for after every call, so it has to be cheap.
 * 7. `close` once, whatever happened before. It must not write results.
 *
 * What any of them throws ends the attempt.
 */
export interface Operator {
  restore(restored: OperatorRestore): void
  open(): void | Promise<void>
  /** @param input which of its inputs the batch came in by; 0 unless it has several. */
  processBatch(batch: RecordBatch, output: Output, input: number): void | Promise<void>
  onWatermark(watermark: number, output: Output): void | Promise<void>
  /**
   * The watermark to pass on, where it is not that which came in. The chain asks after each batch, each watermark and
   * each call of `onProcessingTime`, so it has to be cheap; one that is less than before counts as the one before.
   * @param incoming the last watermark that came in, minWatermark before the first.
   */
  outputWatermark?(incoming: number): number
  /** Undefined: it has no state. */
  snapshot(): OperatorState | undefined
  /**
   * As `snapshot`, of state that is too much to be copied at once. Undefined: what it has is to be had by `snapshot`.
   * It comes back to `restore` in the form of `snapshot`.
   */
  freeze?(): FrozenOperatorState | undefined
  /**
   * Resolves when all that was written outside has been acknowledged there, or is prepared to be committed.
   * @param checkpoint whose barrier it is; at the end of input one that is not above the next that will exist
   */
  flush(checkpoint: number): void | Promise<void>
  endInput(output: Output): void | Promise<void>
  /** When it wants to be called back, in milliseconds of the host's clock; Infinity: not at all. */
  processingTimeDue?(): number
  onProcessingTime?(now: number, output: Output): void | Promise<void>
  /** True while it can take no more records: the subtask then takes no input, but barriers of sources and timers. */
  isBlocked?(): boolean
  close(): void | Promise<void>
}

/** What every operator is made with. */
export interface OperatorContext<Kind extends OperatorKind = OperatorKind> {
  readonly job: string
  readonly operator: OperatorDefinition<Kind>
  readonly metrics: OperatorMetrics
  readonly failures: RecordFailures
  readonly state: StateAccount
  readonly subtask: { readonly index: number; readonly parallelism: number }
  /** All sources of the job end by themselves: results come once, final. */
  readonly bounded: boolean
  readonly host: Host
  /** Makes the operator's own store, where state is not to be in memory. Absent: it is. */
  readonly openStateStore?: (() => StateStore) | undefined
  /** Aborted when the attempt ends. */
  readonly signal: AbortSignal
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
}

/** An operator that remembers nothing from one batch to the next. */
export function statelessOperator(processBatch: Operator['processBatch']): Operator {
  return {
    restore() {},
    open() {},
    processBatch,
    onWatermark() {},
    snapshot: () => undefined,
    flush() {},
    endInput() {},
    close() {},
  }
}

/** Most records of one batch that an operator makes out of fewer. */
export const emittedRecordsMax = 2_048

/** Emits batch after batch, waiting only where the output asks for it. */
export function emitEach(batches: Iterator<RecordBatch, void>, output: Pick<Output, 'emit'>): void | Promise<void> {
  for (let next = batches.next(); !next.done; next = batches.next()) {
    const wait = output.emit(next.value)
    if (wait) return wait.then(() => emitEach(batches, output))
  }
}
