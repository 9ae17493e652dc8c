import type { Key } from '@lightflus/api'
import { selectRecords } from '../record-batch.ts'
import type { RecordBatch } from '../record.ts'
import { equalRows } from './changelog/row-equality.ts'
import { inOrderOfTime, Remembered, type RememberedEntry } from './deduplicate/remembered.ts'
import type { OperatorContext } from './operator.ts'
import { refusePromises, typeOf } from './record-failures.ts'
import { assertShape } from './restored-shape.ts'
import type { MeasuredOperator } from './state-weight/reported-state.ts'
import { StateWeight } from './state-weight/state-weight.ts'
import { weigh } from './state-weight/weigh.ts'

interface Passed extends RememberedEntry {
  /** What the record is compared by. */
  readonly by: unknown
}

interface KeyGroupPassed {
  readonly keys: Key[]
  readonly bys: unknown[]
  readonly times: number[]
}

/**
 * Of each key's records those that differ from the one before, as they are: by what a function makes of them, or by their
 * structure. Keeps for every key what its last record that passed is compared by, and when that came, by the host's
 * clock: for ever, or until the time to live has passed since, after which the next record passes whatever it says. A
 * bounded job forgets nothing, since what it says must not depend on how long it took. A record on which the function
 * fails changes nothing. A watermark passes through. The snapshot holds what is kept by key group; what was compared in
 * another way is refused at a restore.
 */
export function createDistinctUntilChanged(context: OperatorContext<'distinctUntilChanged'>): MeasuredOperator {
  const { failures, operator, host, bounded } = context
  const { by } = operator.functions
  const ttlMs = bounded ? null : (operator.node.options['ttlMs'] as number | null)
  const shape = by ? 'distinct until changed by function' : 'distinct until changed by record'
  const passed = new Remembered<Passed, KeyGroupPassed>(ttlMs, {
    create: () => ({ keys: [], bys: [], times: [] }),
    put({ keys, bys, times }, key, { by: compared, time }) {
      keys.push(key)
      bys.push(compared)
      times.push(time)
    },
  })
  const weight = new StateWeight(() => passed.entries(), weighPassed, 'rows')

  /** Whether the record is to pass; it is then the one that the next is compared with. */
  function isChange(key: Key, compared: unknown, time: number): boolean {
    const before = passed.get(key)
    if (before !== undefined && equalRows(before.by, compared)) return false
    passed.replace(key, before, { by: compared, time, copiedIn: 0 })
    return true
  }

  function isComparable(compared: unknown, batch: RecordBatch, index: number): boolean {
    const type = typeof compared
    if (type === 'string' || type === 'number' || type === 'boolean' || compared === null) return true
    refusePromises([compared], failures)
    const what = `'by' returned ${typeOf(compared)}, not a text, a number, a boolean or null.`
    failures.unusable('LF_USER_RESULT', what, { batch, index })
    return false
  }

  return {
    restore({ subtasks, keyGroups }) {
      for (const restored of subtasks) assertShape(context, (restored as { shape: string }).shape, shape)
      const groups = [...keyGroups.values()] as KeyGroupPassed[]
      const all = groups.flatMap(({ keys, bys, times }) => keys.map((key, i) => ({ key, by: bys[i], time: times[i] })))
      for (const { key, ...last } of inOrderOfTime(all)) passed.replace(key, undefined, { ...last, copiedIn: 0 })
    },
    open() {},
    processBatch(batch, output) {
      const now = host.clock.now()
      passed.forget(now)
      const { values, keys } = batch
      const changed: number[] = []
      for (let index = 0; index < values.length; index++) {
        try {
          const compared: unknown = by ? by(values[index]) : values[index]
          if (by && !isComparable(compared, batch, index)) continue
          if (isChange(keys![index], compared, now)) changed.push(index)
        } catch (thrown) {
          failures.threw(thrown, { batch, index })
        }
      }
      if (changed.length === 0) return
      const { keys: _, ...records } = selectRecords(batch, changed)
      return output.emit(records)
    },
    onWatermark() {},
    snapshot: () => ({ subtask: { shape }, keyGroups: passed.snapshot() }),
    freeze: () => ({ subtask: { shape }, keyGroups: passed.freeze() }),
    stateSize: () => ({ entries: passed.size, bytes: weight.bytes(passed.size) }),
    flush() {},
    endInput() {},
    close() {},
  }
}

/** About what a key takes, its place in the map included. */
function weighPassed([key, { by }]: [Key, Passed]): number {
  return 112 + weigh(key) + weigh(by)
}
