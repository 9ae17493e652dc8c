import { selectRecords } from '../../record-batch.ts'
import type { OperatorContext } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import type { MeasuredOperator } from '../state-weight/reported-state.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { inOrderOfTime } from './remembered.ts'
import { SeenKeys, type KeyGroupSeen } from './seen-keys.ts'

const shape = 'deduplicate first'

/**
 * The first record of each key, as it is; the others are dropped. Keeps every key that was seen with the time of its first
 * record, by the host's clock, until it is forgotten: then its next record is a first one again. A watermark passes
 * through. The snapshot holds the keys by key group.
 * @param ttlMs how long a key is remembered; null: for ever.
 */
export function createKeepFirst(context: OperatorContext, ttlMs: number | null): MeasuredOperator {
  const { clock } = context.host
  const seen = new SeenKeys()
  // A key's place in the map, and its time.
  const weight = new StateWeight(
    () => seen.keys(),
    (key) => 56 + weigh(key),
    'rows',
  )

  return {
    restore({ subtasks, keyGroups }) {
      for (const restored of subtasks) assertShape(context, (restored as { shape: string }).shape, shape)
      const groups = [...keyGroups.values()] as KeyGroupSeen[]
      const all = groups.flatMap(({ keys, times }) => keys.map((key, i) => ({ key, time: times[i] })))
      for (const { key, time } of inOrderOfTime(all)) seen.add(key, time)
    },
    open() {},
    processBatch(batch, output) {
      const now = clock.now()
      if (ttlMs !== null) seen.forgetUntil(now - ttlMs)
      const keys = batch.keys!
      const first: number[] = []
      for (let index = 0; index < keys.length; index++) {
        if (seen.has(keys[index])) continue
        seen.add(keys[index], now)
        first.push(index)
      }
      if (first.length === 0) return
      const { keys: _, ...records } = selectRecords(batch, first)
      return output.emit(records)
    },
    onWatermark() {},
    snapshot: () => ({ subtask: { shape }, keyGroups: seen.snapshot() }),
    freeze: () => ({ subtask: { shape }, keyGroups: seen.freeze() }),
    stateSize: () => ({ entries: seen.size, bytes: weight.bytes(seen.size) }),
    flush() {},
    endInput() {},
    close() {},
  }
}
