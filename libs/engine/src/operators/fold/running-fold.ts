import type { Key } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import type { RecordBatch } from '../../record.ts'
import { withoutRecords, withValues } from '../../record-batch.ts'
import type { Operator, OperatorContext, OperatorState, Output } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import type { Cell, Fold } from './fold.ts'
import { cellsByKeyGroup, putCells, type KeyGroupCells } from './keyed-cells.ts'

interface RunningFoldState {
  readonly shape: string
}

/**
 * The driver of reduce and aggregate: one cell for each key, and for each record the result so far, with the record's
 * event time. Cells live for ever. A watermark passes through. The snapshot holds the cells by key group.
 */
export function createRunningFold(context: OperatorContext, fold: Fold): Operator {
  const { failures } = context
  const cells = new Map<Key, Cell>()

  function addRecord(key: Key, value: unknown): unknown {
    let cell = cells.get(key)
    if (cell === undefined) {
      cell = fold.create()
      fold.add(cell, value)
      // Only now: a key whose first record is skipped has no state.
      cells.set(key, cell)
    } else fold.add(cell, value)
    const result: Record<string, unknown> = { key }
    fold.addResult(cell, result)
    return result
  }

  return {
    restore({ subtasks, keyGroups }: OperatorRestore) {
      for (const state of subtasks) assertShape(context, (state as RunningFoldState).shape, fold.shape)
      for (const group of keyGroups.values()) putCells(cells, group as KeyGroupCells)
    },
    open() {},
    processBatch(batch: RecordBatch, output: Output) {
      const { values } = batch
      const keys = batch.keys!
      const results: unknown[] = []
      const skipped: number[] = []
      let index = 0
      while (index < values.length) {
        try {
          for (; index < values.length; index++) results.push(addRecord(keys[index], values[index]))
        } catch (thrown) {
          failures.threw(thrown, { batch, index })
          skipped.push(index++)
        }
      }
      if (results.length > 0) return output.emit(withValues(withoutRecords(batch, skipped), results))
    },
    onWatermark() {},
    snapshot: (): OperatorState => ({
      subtask: { shape: fold.shape } satisfies RunningFoldState,
      keyGroups: cellsByKeyGroup(cells),
    }),
    flush() {},
    endInput() {},
    close() {},
  }
}
