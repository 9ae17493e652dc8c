import type { Key } from '@lightflus/api'
import type { Fold } from '../fold/fold.ts'
import { SliceQueue } from './slice-queue.ts'
import type { SliceTable } from './slice-table.ts'
import type { Slices } from './slices.ts'

/**
 * The windows of one key in which it has records, from one end to another, each with its slices: those that a late record
 * corrects, or that are to be caught up with.
 * @param table has all slices of these windows. It must not change meanwhile.
 */
export function* windowsOfKey(
  key: Key,
  table: SliceTable,
  slices: Slices,
  fold: Fold,
  firstEnd: number,
  lastEnd: number,
): Generator<readonly [end: number, queue: SliceQueue]> {
  const queue = new SliceQueue(fold)
  const { starts } = table
  let next = 0
  let end = firstEnd
  while (end <= lastEnd) {
    const start = end - slices.sizeMs
    for (; next < starts.length && starts[next] < end; next++) {
      const cell = starts[next] < start ? undefined : table.get(starts[next])!.get(key)
      if (cell) queue.push(starts[next], cell)
    }
    queue.dropBefore(start)
    if (queue.length > 0) yield [end, queue]
    else if (next === starts.length) return
    // Where the key has no records, on to the next slice that there is.
    end = slices.windowEndAfter(queue.length > 0 ? end : Math.max(end, starts[next]))
  }
}
