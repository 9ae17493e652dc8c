import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'

/** Records of one key that wait for partners, by event time, and of one event time in the order in which they came. */
export interface TimeBuffer {
  readonly key: Key
  readonly times: number[]
  readonly rows: unknown[]
  /** Whether each has had a partner. */
  readonly matched: boolean[]
  /** When the first of them is to be dropped: the one call-back of the buffer that counts. */
  armedAt: number
}

/** Records of one side and one key group in a snapshot, as columns of one length. */
export interface BufferColumns {
  readonly keys: Key[]
  readonly times: number[]
  readonly rows: unknown[]
  readonly matched: boolean[]
}

export const noBuffers = (): BufferColumns => ({ keys: [], times: [], rows: [], matched: [] })

export const emptyBuffer = (key: Key): TimeBuffer => ({ key, times: [], rows: [], matched: [], armedAt: Infinity })

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

export function putRecord({ times, rows, matched }: TimeBuffer, time: number, row: unknown, isMatched: boolean): void {
  // Records come nearly in order.
  const place = times.length === 0 || times[times.length - 1] <= time ? times.length : firstAtLeast(times, time + 1)
  times.splice(place, 0, time)
  rows.splice(place, 0, row)
  matched.splice(place, 0, isMatched)
}

export function dropFirst({ times, rows, matched }: TimeBuffer, count: number): void {
  times.splice(0, count)
  rows.splice(0, count)
  matched.splice(0, count)
}

/** @param columnsOf the columns of a key group, to put the buffers' records into. */
export function saveBuffers(buffers: Iterable<TimeBuffer>, columnsOf: (keyGroup: number) => BufferColumns): void {
  for (const { key, times, rows, matched } of buffers) {
    const columns = columnsOf(keyGroupOf(key))
    for (let i = 0; i < times.length; i++) {
      columns.keys.push(key)
      columns.times.push(times[i])
      columns.rows.push(rows[i])
      columns.matched.push(matched[i])
    }
  }
}
