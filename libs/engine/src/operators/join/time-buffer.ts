import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { weigh } from '../state-weight/weigh.ts'

/** Records of one key by event time, and of one event time in the order in which they came. */
export interface TimeBuffer {
  readonly key: Key
  readonly times: number[]
  readonly rows: unknown[]
  /** What the join has to know of each: whether it has had a partner, or whether it says that there is no version now. */
  readonly marked: boolean[]
  /** When the first of them may be dropped: the one call-back of the buffer that counts. */
  armedAt: number
}

/** Records of one side and one key group in a snapshot, as columns of one length. */
export interface BufferColumns {
  readonly keys: Key[]
  readonly times: number[]
  readonly rows: unknown[]
  readonly marked: boolean[]
}

export const noBuffers = (): BufferColumns => ({ keys: [], times: [], rows: [], marked: [] })

export const emptyBuffer = (key: Key): TimeBuffer => ({ key, times: [], rows: [], marked: [], armedAt: Infinity })

/** Where in rising times the first is that is at least this one. */
export function firstAtLeast(times: readonly number[], time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle] < time) low = middle + 1
    else high = middle
  }
  return low
}

export function putRecord({ times, rows, marked }: TimeBuffer, time: number, row: unknown, isMarked: boolean): void {
  // Records come nearly in order.
  const place = times.length === 0 || times[times.length - 1] <= time ? times.length : firstAtLeast(times, time + 1)
  times.splice(place, 0, time)
  rows.splice(place, 0, row)
  marked.splice(place, 0, isMarked)
}

export function dropFirst({ times, rows, marked }: TimeBuffer, count: number): void {
  times.splice(0, count)
  rows.splice(0, count)
  marked.splice(0, count)
}

/** About what a key's records take, its place in a map included. */
export function weighBuffer({ times, rows, marked }: TimeBuffer): number {
  return 120 + weigh(times) + weigh(rows) + weigh(marked)
}

/** @param columnsOf the columns of a key group, to put the buffers' records into. */
export function saveBuffers(buffers: Iterable<TimeBuffer>, columnsOf: (keyGroup: number) => BufferColumns): void {
  for (const { key, times, rows, marked } of buffers) {
    const columns = columnsOf(keyGroupOf(key))
    for (let i = 0; i < times.length; i++) {
      columns.keys.push(key)
      columns.times.push(times[i])
      columns.rows.push(rows[i])
      columns.marked.push(marked[i])
    }
  }
}
