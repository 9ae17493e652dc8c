import type { Key } from '@lightflus/api'
import { GroupedColumns } from '../state/keyed-state.ts'
import { TimeTable } from './time-table.ts'

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
  readonly #buckets = new TimeTable<Key | Set<Key>>()
  /** A binary heap of times. The least has a bucket; others may have lost theirs, or be in it twice. */
  #heap: number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The least time; Infinity: there is no timer. */
  get next(): number {
    return this.#heap.length === 0 ? Infinity : this.#heap[0]
  }

  /** The greatest time; -Infinity: there is no timer. Looks at all. */
  get last(): number {
    let last = -Infinity
    for (const time of this.#buckets.times()) last = Math.max(last, time)
    return last
  }

  /** @returns false where it was set already. */
  add(time: number, key: Key): boolean {
    const slot = this.#buckets.slotOf(time)
    const bucket = this.#buckets.at(slot)
    if (bucket === undefined) {
      this.#buckets.insert(slot, time, key)
      this.#push(time)
    } else if (bucket instanceof Set) {
      if (bucket.has(key)) return false
      bucket.add(key)
    } else {
      if (bucket === key) return false
      this.#buckets.replace(slot, new Set([bucket, key]))
    }
    this.#size++
    return true
  }

  /** @returns false where there was none. */
  delete(time: number, key: Key): boolean {
    const slot = this.#buckets.slotOf(time)
    const bucket = this.#buckets.at(slot)
    if (bucket instanceof Set) {
      if (!bucket.delete(key)) return false
      this.#size--
      if (bucket.size > 0) return true
    } else if (bucket !== key) return false
    else this.#size--
    this.#buckets.remove(slot)
    // Timers that are put off again and again would otherwise fill the heap with times that mean nothing any more.
    if (this.#heap.length > 2 * this.#buckets.size + 64) this.#rebuild()
    else this.#dropEmpty()
    return true
  }

  /** Removes all timers for the least time. */
  take(): { readonly time: number; readonly keys: Iterable<Key> } {
    const time = this.#heap[0]
    const slot = this.#buckets.slotOf(time)
    const bucket = this.#buckets.at(slot)!
    this.#buckets.remove(slot)
    this.#size -= bucket instanceof Set ? bucket.size : 1
    this.#dropEmpty()
    return { time, keys: bucket instanceof Set ? bucket : [bucket] }
  }

  snapshot(): ReadonlyMap<number, TimerColumns> {
    const columns = new GroupedColumns<TimerColumns>(() => ({ times: [], keys: [], positions: [] }))
    for (const time of this.#buckets.times()) {
      const bucket = this.#buckets.at(this.#buckets.slotOf(time))!
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
    while (this.#heap.length > 0 && this.#buckets.at(this.#buckets.slotOf(this.#heap[0])) === undefined) this.#pop()
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

  /** From the last inner node up, each is sunk into heaps that are in order: in linear time, where sorting would not be. */
  #rebuild(): void {
    this.#heap = this.#buckets.times()
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at, this.#heap[at])
  }

  #pop(): void {
    const moved = this.#heap.pop()!
    if (this.#heap.length > 0) this.#sink(0, moved)
  }

  /** Puts a time at that place or, where there are earlier ones below, below them. */
  #sink(from: number, moved: number): void {
    const heap = this.#heap
    const { length } = heap
    let at = from
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
