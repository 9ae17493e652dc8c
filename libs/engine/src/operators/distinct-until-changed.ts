import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../key-group.ts'
import { selectRecords } from '../record-batch.ts'
import type { RecordBatch } from '../record.ts'
import { equalRows } from './changelog/row-equality.ts'
import { forgetBefore, inOrderOfTime } from './deduplicate/remembered.ts'
import type { OperatorContext } from './operator.ts'
import { refusePromises, typeOf } from './record-failures.ts'
import { assertShape } from './restored-shape.ts'
import type { MeasuredOperator } from './state-weight/reported-state.ts'
import { StateWeight } from './state-weight/state-weight.ts'
import { weigh } from './state-weight/weigh.ts'

interface Passed {
  /** What the record is compared by. */
  readonly by: unknown
  /** When it came, by the host's clock. */
  readonly time: number
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
  /** With a time to live in the order of their times. */
  const passed = new Map<Key, Passed>()
  const weight = new StateWeight(() => passed.entries(), weighPassed, 'rows')

  /** Whether the record is to pass; it is then the one that the next is compared with. */
  function isChange(key: Key, compared: unknown, time: number): boolean {
    const before = passed.get(key)
    if (before !== undefined) {
      if (equalRows(before.by, compared)) return false
      // Deleted first, since a map keeps the place of what is only overwritten.
      if (ttlMs !== null) passed.delete(key)
    }
    passed.set(key, { by: compared, time })
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
      for (const { key, ...last } of inOrderOfTime(all)) passed.set(key, last)
    },
    open() {},
    processBatch(batch, output) {
      const now = host.clock.now()
      if (ttlMs !== null) forgetBefore(passed, now - ttlMs)
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
    snapshot: () => ({ subtask: { shape }, keyGroups: passedByKeyGroup(passed) }),
    stateSize: () => ({ entries: passed.size, bytes: weight.bytes(passed.size) }),
    flush() {},
    endInput() {},
    close() {},
  }
}

/** About what a key takes, its place in the map included. */
function weighPassed([key, { by }]: [Key, Passed]): number {
  return 104 + weigh(key) + weigh(by)
}

function passedByKeyGroup(passed: ReadonlyMap<Key, Passed>): Map<number, KeyGroupPassed> {
  const groups = new Map<number, KeyGroupPassed>()
  for (const [key, { by, time }] of passed) {
    const keyGroup = keyGroupOf(key)
    let group = groups.get(keyGroup)
    if (group === undefined) groups.set(keyGroup, (group = { keys: [], bys: [], times: [] }))
    group.keys.push(key)
    group.bys.push(by)
    group.times.push(time)
  }
  return groups
}
