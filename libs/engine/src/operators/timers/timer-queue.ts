import type { Key } from '@lightflus/api'
import { GroupedColumns } from '../state/keyed-state.ts'

/** Timers of one key group: columns of one length. */
export interface TimerColumns {
  readonly times: number[]
  readonly keys: Key[]
  /** Which of the subtask's timers for its time it was: their order when they fire. */
  readonly positions: number[]
}

/**
 * Timers of all keys of a subtask, each key at most once for a time: by time, and those for one time in the order in
 * which they were set. A time has one bucket however many keys have a timer for it, and mostly just one key, which then
 * stands for its bucket.
 */
export class TimerQueue {
  readonly #buckets = new Map<number, Key | Set<Key>>()
  /** A binary heap of times. The least has a bucket; others may have lost theirs, or be in it twice. */
  #heap: number[] = []

  /** The least time; Infinity: there is no timer. */
  get next(): number {
    return this.#heap.length === 0 ? Infinity : this.#heap[0]
  }

  /** The greatest time; -Infinity: there is no timer. Looks at all. */
  get last(): number {
    let last = -Infinity
    for (const time of this.#buckets.keys()) last = Math.max(last, time)
    return last
  }

  /** @returns false where it was set already. */
  add(time: number, key: Key): boolean {
    const bucket = this.#buckets.get(time)
    if (bucket === undefined) {
      this.#buckets.set(time, key)
      this.#push(time)
    } else if (bucket instanceof Set) {
      if (bucket.has(key)) return false
      bucket.add(key)
    } else {
      if (bucket === key) return false
      this.#buckets.set(time, new Set([bucket, key]))
    }
    return true
  }

  /** @returns false where there was none. */
  delete(time: number, key: Key): boolean {
    const bucket = this.#buckets.get(time)
    if (bucket instanceof Set) {
      if (!bucket.delete(key)) return false
      if (bucket.size > 0) return true
    } else if (bucket !== key) return false
    this.#buckets.delete(time)
    // Timers that are put off again and again would otherwise fill the heap with times that mean nothing any more.
    if (this.#heap.length > 2 * this.#buckets.size + 64) this.#heap = [...this.#buckets.keys()].sort((a, b) => a - b)
    this.#dropEmpty()
    return true
  }

  /** Removes all timers for the least time. */
  take(): { readonly time: number; readonly keys: Iterable<Key> } {
    const time = this.#heap[0]
    const bucket = this.#buckets.get(time)!
    this.#buckets.delete(time)
    this.#dropEmpty()
    return { time, keys: bucket instanceof Set ? bucket : [bucket] }
  }

  snapshot(): ReadonlyMap<number, TimerColumns> {
    const columns = new GroupedColumns<TimerColumns>(() => ({ times: [], keys: [], positions: [] }))
    for (const [time, bucket] of this.#buckets) {
      let position = 0
      for (const key of bucket instanceof Set ? bucket : [bucket]) {
        const group = columns.of(key)
        group.times.push(time)
        group.keys.push(key)
        group.positions.push(position++)
      }
    }
    return columns.groups
  }

  /** All key groups at once, since timers for one time are to fire in the order in which they would have. */
  restore(groups: readonly TimerColumns[]): void {
    const timers = groups.flatMap(({ times, keys, positions }) =>
      times.map((time, index) => ({ time, key: keys[index], position: positions[index] })),
    )
    timers.sort((a, b) => a.position - b.position)
    for (const { time, key } of timers) this.add(time, key)
  }

  #dropEmpty(): void {
    while (this.#heap.length > 0 && !this.#buckets.has(this.#heap[0])) this.#pop()
  }

  #push(time: number): void {
    const heap = this.#heap
    let at = heap.push(time) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent] <= time) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = time
  }

  #pop(): void {
    const heap = this.#heap
    const moved = heap.pop()!
    const { length } = heap
    if (length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      if (child + 1 < length && heap[child + 1] < heap[child]) child++
      if (heap[child] >= moved) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = moved
  }
}
