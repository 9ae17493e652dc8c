import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { selectRecords } from '../../record-batch.ts'
import type { OperatorContext } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import type { MeasuredOperator } from '../state-weight/reported-state.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { forgetBefore, inOrderOfTime } from './remembered.ts'

interface KeyGroupSeen {
  readonly keys: Key[]
  /** When the key's first record came, by the host's clock. */
  readonly times: number[]
}

const shape = 'deduplicate first'

/**
 * The first record of each key, as it is; the others are dropped. Keeps every key that was seen with the time of its first
 * record, by the host's clock, until it is forgotten: then its next record is a first one again. A watermark passes
 * through. The snapshot holds the keys by key group.
 * @param ttlMs how long a key is remembered; null: for ever.
 */
export function createKeepFirst(context: OperatorContext, ttlMs: number | null): MeasuredOperator {
  const { clock } = context.host
  /** In the order of their times. */
  const seen = new Map<Key, number>()
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
      for (const { key, time } of inOrderOfTime(all)) seen.set(key, time)
    },
    open() {},
    processBatch(batch, output) {
      const now = clock.now()
      if (ttlMs !== null) forgetBefore(seen, now - ttlMs)
      const keys = batch.keys!
      const first: number[] = []
      for (let index = 0; index < keys.length; index++) {
        if (seen.has(keys[index])) continue
        seen.set(keys[index], now)
        first.push(index)
      }
      if (first.length === 0) return
      const { keys: _, ...records } = selectRecords(batch, first)
      return output.emit(records)
    },
    onWatermark() {},
    snapshot() {
      const keyGroups = new Map<number, KeyGroupSeen>()
      for (const [key, time] of seen) {
        const keyGroup = keyGroupOf(key)
        let group = keyGroups.get(keyGroup)
        if (group === undefined) keyGroups.set(keyGroup, (group = { keys: [], times: [] }))
        group.keys.push(key)
        group.times.push(time)
      }
      return { subtask: { shape }, keyGroups }
    },
    stateSize: () => ({ entries: seen.size, bytes: weight.bytes(seen.size) }),
    flush() {},
    endInput() {},
    close() {},
  }
}
