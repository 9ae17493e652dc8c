import type { Key } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import type { RecordBatch } from '../../record.ts'
import { withoutRecords, withValues } from '../../record-batch.ts'
import { beginsUpdate, putsIn } from '../changelog/change-kinds.ts'
import { Results } from '../changelog/results.ts'
import { equalRows } from '../changelog/row-equality.ts'
import { finalResults } from '../final-results.ts'
import {
  emitEach,
  type FrozenOperatorState,
  type OperatorContext,
  type OperatorState,
  type Output,
} from '../operator.ts'
import type { MeasuredOperator, StateSize } from '../state-weight/reported-state.ts'
import type { Fold } from './fold.ts'
import { foldedState, takeCells, type FoldedState, type RestoredFold } from './restored-fold.ts'
import type { ColumnFold } from '../../state-table/column-fold.ts'
import { ColumnRunningCells } from './column-running-cells.ts'
import {
  cellsByKeyGroup,
  ObjectRunningCells,
  putCells,
  type KeyGroupCells,
  type RunningCell,
  type RunningCells,
} from './keyed-cells.ts'

/**
 * The driver of reduce and aggregate: one cell for each key, for ever, or as long as the key has rows where they may be
 * taken back. A watermark passes through. The snapshot holds the cells by key group.
 *
 * - `updates`: for each record the result so far, with the record's event time.
 * - `changelog`: for each record what becomes of the key's one row, with the record's event time; nothing where the row
 *   stays as it is. The row before is made anew from the cell, so that nothing but the cell is kept.
 * - In a bounded job, whatever was asked for: one final row for each key at the end of input, with the greatest event
 *   time of its records.
 *
 * @param columns the same fold into columns, where it is one and nothing is taken back.
 */
export function createRunningFold(
  context: OperatorContext<'aggregate' | 'reduce'>,
  fold: Fold,
  columns?: ColumnFold,
): MeasuredOperator {
  const running = new RunningFold(context, fold, columns)
  return {
    restore: (restored) => running.restore(restored),
    open() {},
    processBatch: (batch, output) => running.processBatch(batch, output),
    ...finalResults(context.bounded, (output) => emitEach(running.finalRows(), output)),
    snapshot: () => running.snapshot(),
    freeze: () => running.freeze(),
    stateSize: () => running.stateSize,
    flush() {},
    endInput() {},
    close() {},
  }
}

class RunningFold {
  readonly #context: OperatorContext
  readonly #fold: Fold
  readonly #folded: RestoredFold
  readonly #emit: 'updates' | 'changelog'
  readonly #cells: RunningCells
  readonly #results = new Results()

  constructor(context: OperatorContext<'aggregate' | 'reduce'>, fold: Fold, columns: ColumnFold | undefined) {
    this.#cells = columns ? new ColumnRunningCells(columns) : new ObjectRunningCells()
    this.#context = context
    this.#fold = fold
    this.#folded = { context, fold, shapeWith: (shape) => shape }
    this.#emit = context.operator.node.options['emit'] as 'updates' | 'changelog'
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    const take = takeCells(subtasks as FoldedState[], this.#folded)
    for (const group of keyGroups.values()) putCells(this.#cells, group as KeyGroupCells, take)
  }

  get stateSize(): StateSize {
    return { entries: this.#cells.size, bytes: this.#cells.bytes }
  }

  processBatch(batch: RecordBatch, output: Output): void | Promise<void> {
    if (this.#context.bounded) {
      if (this.#cells instanceof ColumnRunningCells && this.#cells.addBatch(batch)) return
      this.#forEachRecord(batch, (index) => this.#foldOnly(batch, index))
    } else if (this.#emit === 'updates') return this.#emitUpdates(batch, output)
    else {
      this.#forEachRecord(batch, (index) => this.#changeRow(batch, index))
      if (!this.#results.isEmpty) return output.emit(this.#results.take())
    }
  }

  snapshot(): OperatorState {
    return { subtask: this.#state, keyGroups: cellsByKeyGroup(this.#cells) }
  }

  freeze(): FrozenOperatorState {
    return { subtask: this.#state, keyGroups: this.#cells.freeze() }
  }

  get #state(): FoldedState {
    return foldedState(this.#folded)
  }

  /** Goes through a batch; @returns the records on which a function threw. */
  #forEachRecord(batch: RecordBatch, take: (index: number) => void): number[] {
    const skipped: number[] = []
    const { length } = batch.values
    let index = 0
    while (index < length) {
      try {
        for (; index < length; index++) take(index)
      } catch (thrown) {
        this.#context.failures.threw(thrown, { batch, index })
        skipped.push(index++)
      }
    }
    return skipped
  }

  #emitUpdates(batch: RecordBatch, output: Output): void | Promise<void> {
    const { values, timestamps } = batch
    const keys = batch.keys!
    const rows: unknown[] = []
    const skipped = this.#forEachRecord(batch, (index) => {
      rows.push(this.#rowOf(keys[index], this.#addRecord(keys[index], values[index], timestamps[index])))
    })
    if (rows.length > 0) return output.emit(withValues(withoutRecords(batch, skipped), rows))
  }

  #changeRow(batch: RecordBatch, index: number): void {
    // Both halves of an update are taken at the second.
    if (beginsUpdate(batch, index)) return
    if (index > 0 && beginsUpdate(batch, index - 1)) return this.#replaceRecord(batch, index)
    const { values, timestamps, keys, changes } = batch
    const key = keys![index]
    const value = values[index]
    const timestamp = timestamps[index]
    const running = this.#cells.get(key)
    const isPutIn = putsIn(changes?.[index])
    if (running === undefined) {
      if (isPutIn) this.#results.insert(this.#rowOf(key, this.#addRecord(key, value, timestamp)), timestamp)
      return
    }
    const before = this.#rowOf(key, running)
    if (!isPutIn && !this.#takeBack(key, running, value)) return this.#results.delete(before, timestamp)
    const after = this.#rowOf(key, isPutIn ? this.#addRecord(key, value, timestamp) : running)
    if (!equalRows(before, after)) this.#results.update(before, after, timestamp)
  }

  /** The record before this one by this one: one change of the row, and none where the key has no other row meanwhile. */
  #replaceRecord({ values, timestamps, keys }: RecordBatch, index: number): void {
    const key = keys![index]
    const timestamp = timestamps[index]
    const running = this.#cells.get(key)
    if (running === undefined)
      return this.#results.insert(this.#rowOf(key, this.#addRecord(key, values[index], timestamp)), timestamp)
    const before = this.#rowOf(key, running)
    try {
      this.#addRecord(key, values[index], timestamp)
    } finally {
      // Also where the new one is skipped.
      if (!this.#takeBack(key, running, values[index - 1])) this.#results.delete(before, timestamp)
      else {
        const after = this.#rowOf(key, running)
        if (!equalRows(before, after)) this.#results.update(before, after, timestamp)
      }
    }
  }

  /** Without any result: in a bounded job only the last one counts. */
  #foldOnly({ values, timestamps, keys, changes }: RecordBatch, index: number): void {
    const key = keys![index]
    if (putsIn(changes?.[index])) this.#addRecord(key, values[index], timestamps[index])
    else {
      const running = this.#cells.get(key)
      if (running) this.#takeBack(key, running, values[index])
    }
  }

  #addRecord(key: Key, value: unknown, timestamp: number): RunningCell {
    let running = this.#cells.get(key)
    if (running === undefined) {
      running = { cell: this.#fold.create(), rows: 1, timestamp, copiedIn: 0 }
      this.#fold.add(running.cell, value)
      // Only now: a key whose first record is skipped has no state.
      this.#cells.set(key, running)
    } else {
      this.#fold.add(running.cell, value)
      running.rows++
      if (timestamp > running.timestamp) running.timestamp = timestamp
      this.#cells.changed(key, running)
    }
    return running
  }

  /** @returns whether the key has rows left. */
  #takeBack(key: Key, running: RunningCell, value: unknown): boolean {
    if (running.rows === 1) return !this.#cells.delete(key)
    this.#fold.retract(running.cell, value)
    running.rows--
    return true
  }

  #rowOf(key: Key, { cell }: RunningCell): unknown {
    const row: Record<string, unknown> = { key }
    this.#fold.addResult(cell, row)
    return row
  }

  *finalRows(): Generator<RecordBatch, void> {
    for (const [key, running] of this.#cells) {
      try {
        this.#results.insert(this.#rowOf(key, running), running.timestamp)
      } catch (thrown) {
        this.#context.failures.threw(thrown, { key })
      }
      if (this.#results.isFull) yield this.#results.take()
    }
    this.#cells.clear()
    if (!this.#results.isEmpty) yield this.#results.take()
  }
}
