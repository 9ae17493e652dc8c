import type { Key } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import type { RecordBatch } from '../../record.ts'
import { withoutRecords, withValues } from '../../record-batch.ts'
import { putsIn, Results } from '../changelog/results.ts'
import { equalRows } from '../changelog/row-equality.ts'
import { emitEach, type Operator, type OperatorContext, type OperatorState, type Output } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import type { Fold } from './fold.ts'
import { cellsByKeyGroup, putCells, type KeyGroupCells, type RunningCell } from './keyed-cells.ts'

interface RunningFoldState {
  readonly shape: string
}

/**
 * The driver of reduce and aggregate: one cell for each key, for ever, or as long as the key has rows where they may be
 * taken back. A watermark passes through. The snapshot holds the cells by key group.
 *
 * - `updates`: for each record the result so far, with the record's event time.
 * - `changelog`: for each record what becomes of the key's one row, with the record's event time; nothing where the row
 *   stays as it is. The row before is made anew from the cell, so that nothing but the cell is kept.
 * - In a bounded job, whatever was asked for: one final row for each key at the end of input, with the greatest event
 *   time of its records.
 */
export function createRunningFold(context: OperatorContext, fold: Fold): Operator {
  const { emit } = context.operator.node.options as { emit: 'updates' | 'changelog' }
  const { failures } = context
  const cells = new Map<Key, RunningCell>()
  const results = new Results()

  function rowOf(key: Key, { cell }: RunningCell): unknown {
    const row: Record<string, unknown> = { key }
    fold.addResult(cell, row)
    return row
  }

  /** The record goes into its key's cell. */
  function addRecord(key: Key, value: unknown, timestamp: number): RunningCell {
    let running = cells.get(key)
    if (running === undefined) {
      running = { cell: fold.create(), rows: 1, timestamp }
      fold.add(running.cell, value)
      // Only now: a key whose first record is skipped has no state.
      cells.set(key, running)
    } else {
      fold.add(running.cell, value)
      running.rows++
      if (timestamp > running.timestamp) running.timestamp = timestamp
    }
    return running
  }

  /** @returns whether the key has rows left. A row that was never put in, since it was skipped then, is not taken back. */
  function takeBack(key: Key, running: RunningCell, value: unknown): boolean {
    if (running.rows === 1) return !cells.delete(key)
    fold.retract(running.cell, value)
    running.rows--
    return true
  }

  function changeRow({ values, timestamps, keys, changes }: RecordBatch, index: number): void {
    const key = keys![index]
    const value = values[index]
    const timestamp = timestamps[index]
    const running = cells.get(key)
    const isPutIn = putsIn(changes?.[index])
    if (running === undefined) {
      if (isPutIn) results.insert(rowOf(key, addRecord(key, value, timestamp)), timestamp)
      return
    }
    const before = rowOf(key, running)
    if (isPutIn) addRecord(key, value, timestamp)
    else if (!takeBack(key, running, value)) return results.delete(before, timestamp)
    const after = rowOf(key, running)
    if (!equalRows(before, after)) results.update(before, after, timestamp)
  }

  /** Without any result: in a bounded job only the last one counts. */
  function foldOnly({ values, timestamps, keys, changes }: RecordBatch, index: number): void {
    const key = keys![index]
    if (putsIn(changes?.[index])) addRecord(key, values[index], timestamps[index])
    else {
      const running = cells.get(key)
      if (running) takeBack(key, running, values[index])
    }
  }

  /** Goes through a batch; @returns the records on which a function threw. */
  function forEachRecord(batch: RecordBatch, take: (batch: RecordBatch, index: number) => void): number[] {
    const skipped: number[] = []
    const { length } = batch.values
    let index = 0
    while (index < length) {
      try {
        for (; index < length; index++) take(batch, index)
      } catch (thrown) {
        failures.threw(thrown, { batch, index })
        skipped.push(index++)
      }
    }
    return skipped
  }

  function emitUpdates(batch: RecordBatch, output: Output): void | Promise<void> {
    const rows: unknown[] = []
    const skipped = forEachRecord(batch, ({ values, timestamps, keys }, index) => {
      const key = keys![index]
      rows.push(rowOf(key, addRecord(key, values[index], timestamps[index])))
    })
    if (rows.length > 0) return output.emit(withValues(withoutRecords(batch, skipped), rows))
  }

  function* finalRows(): Generator<RecordBatch, void> {
    for (const [key, running] of cells) {
      try {
        results.insert(rowOf(key, running), running.timestamp)
      } catch (thrown) {
        failures.threw(thrown, { key })
      }
      if (results.isFull) yield results.take()
    }
    // Emitted for good: restored from what is left now, the job must not emit it again.
    cells.clear()
    if (!results.isEmpty) yield results.take()
  }

  return {
    restore({ subtasks, keyGroups }: OperatorRestore) {
      for (const state of subtasks) assertShape(context, (state as RunningFoldState).shape, fold.shape)
      for (const group of keyGroups.values()) putCells(cells, group as KeyGroupCells)
    },
    open() {},
    processBatch(batch: RecordBatch, output: Output) {
      if (context.bounded) forEachRecord(batch, foldOnly)
      else if (emit === 'updates') return emitUpdates(batch, output)
      else {
        forEachRecord(batch, changeRow)
        if (!results.isEmpty) return output.emit(results.take())
      }
    },
    onWatermark() {},
    snapshot: (): OperatorState => ({
      subtask: { shape: fold.shape } satisfies RunningFoldState,
      keyGroups: cellsByKeyGroup(cells),
    }),
    flush() {},
    endInput: (output) => (context.bounded ? emitEach(finalRows(), output) : undefined),
    close() {},
  }
}
