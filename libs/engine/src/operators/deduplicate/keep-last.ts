import type { Key } from '@lightflus/api'
import type { RecordBatch } from '../../record.ts'
import { Results } from '../changelog/results.ts'
import { equalRows } from '../changelog/row-equality.ts'
import { finalResults } from '../final-results.ts'
import { emitEach, type OperatorContext } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import type { MeasuredOperator } from '../state-weight/reported-state.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { inOrderOfTime, Remembered, type RememberedEntry } from './remembered.ts'

interface LastRecord extends RememberedEntry {
  readonly value: unknown
  readonly timestamp: number
}

interface KeyGroupLast {
  readonly keys: Key[]
  readonly values: unknown[]
  readonly timestamps: number[]
  readonly times: number[]
}

const shape = 'deduplicate last'

/**
 * The last record of each key so far, in the order in which they arrive, as a changelog: each replaces the one before,
 * and a record that equals that one changes nothing. In a bounded job the last record of each key comes once, at the
 * end of input. Keeps the last record of every key until the key is forgotten: its row then stays, and the next record
 * is an insert again. A watermark passes through. The snapshot holds the records by key group.
 * @param ttlMs how long a key is remembered after its last record; null: for ever.
 */
export function createKeepLast(context: OperatorContext, ttlMs: number | null): MeasuredOperator {
  const { clock } = context.host
  const last = new Remembered<LastRecord, KeyGroupLast>(ttlMs, {
    create: () => ({ keys: [], values: [], timestamps: [], times: [] }),
    put({ keys, values, timestamps, times }, key, { value, timestamp, time }) {
      keys.push(key)
      values.push(value)
      timestamps.push(timestamp)
      times.push(time)
    },
  })
  const weight = new StateWeight(() => last.entries(), weighLast, 'rows')
  const results = new Results()

  function replace(key: Key, record: LastRecord): void {
    const before = last.get(key)
    last.replace(key, before, record)
    if (context.bounded) return
    if (before === undefined) results.insert(record.value, record.timestamp)
    else if (!equalRows(before.value, record.value)) results.update(before.value, record.value, record.timestamp)
  }

  function* finalRows(): Generator<RecordBatch, void> {
    for (const [, { value, timestamp }] of last.entries()) {
      results.insert(value, timestamp)
      if (results.isFull) yield results.take()
    }
    last.clear()
    if (!results.isEmpty) yield results.take()
  }

  return {
    restore({ subtasks, keyGroups }) {
      for (const restored of subtasks) assertShape(context, (restored as { shape: string }).shape, shape)
      const groups = [...keyGroups.values()] as KeyGroupLast[]
      const all = groups.flatMap(({ keys, values, timestamps, times }) =>
        keys.map((key, i) => ({ key, value: values[i], timestamp: timestamps[i], time: times[i] })),
      )
      for (const { key, ...record } of inOrderOfTime(all)) last.replace(key, undefined, { ...record, copiedIn: 0 })
    },
    open() {},
    processBatch({ values, timestamps, keys }, output) {
      const time = clock.now()
      last.forget(time)
      for (let index = 0; index < values.length; index++)
        replace(keys![index], { value: values[index], timestamp: timestamps[index], time, copiedIn: 0 })
      if (!results.isEmpty) return output.emit(results.take())
    },
    ...finalResults(context.bounded, (output) => emitEach(finalRows(), output)),
    snapshot: () => ({ subtask: { shape }, keyGroups: last.snapshot() }),
    freeze: () => ({ subtask: { shape }, keyGroups: last.freeze() }),
    stateSize: () => ({ entries: last.size, bytes: weight.bytes(last.size) }),
    flush() {},
    endInput() {},
    close() {},
  }
}

/** About what a key takes, its place in the map included. */
function weighLast([key, { value }]: [Key, LastRecord]): number {
  return 128 + weigh(key) + weigh(value)
}
