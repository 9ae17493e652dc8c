import type { Key } from '@lightflus/api'
import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import { GroupedColumns } from '../state/keyed-state.ts'
import { ColumnBlocks } from '../state/state-copying.ts'
import { TimeBucket } from './time-bucket.ts'
import { TimeTable } from './time-table.ts'
import type { TimeTableCopy } from './time-table-copy.ts'

/** Timers of one key group: columns of one length. */
export interface TimerColumns {
  readonly times: number[]
  readonly keys: Key[]
  /** By which the subtask's timers for one time are told: their order when they fire. */
  readonly positions: number[]
}

const noTimers = (): TimerColumns => ({ times: [], keys: [], positions: [] })

/** Where timers are copied to, and where the copying stands. */
interface TimerCopy {
  readonly blocks: ColumnBlocks<TimerColumns>
  readonly steps: Iterator<void, void>
}

/**
 * Timers of all keys of a subtask, each key at most once for a time: by time, and those for one time in the order in
 * which they were set. A time has one bucket however many keys have a timer for it, and mostly just one key, which then
 * stands for its bucket.
 */
export class TimerQueue {
  readonly #buckets = new TimeTable<Key | TimeBucket>()
  /** A binary heap of times. The least has a bucket; others may have lost theirs, or be in it twice. */
  #heap: number[] = []
  #size = 0
  /** Of the present copying, or the last one. */
  #copying = 0
  #copy: TimerCopy | undefined

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
    } else if (bucket instanceof TimeBucket) {
      if (!bucket.add(key, this.#copying)) return false
    } else {
      if (bucket === key) return false
      const both = new TimeBucket(this.#copying)
      both.add(bucket, this.#copying)
      both.add(key, this.#copying)
      this.#buckets.replace(slot, both)
    }
    this.#size++
    return true
  }

  /** @returns false where there was none. */
  delete(time: number, key: Key): boolean {
    const slot = this.#buckets.slotOf(time)
    const bucket = this.#buckets.at(slot)
    if (bucket instanceof TimeBucket) {
      const copy = this.#copy && ((each: Key, place: number) => this.#copyOut(time, each, place))
      if (!bucket.delete(key, this.#copying, copy)) return false
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
    this.#size -= bucket instanceof TimeBucket ? bucket.size : 1
    this.#dropEmpty()
    return { time, keys: keysOf(bucket) }
  }

  snapshot(): ReadonlyMap<number, TimerColumns> {
    const columns = new GroupedColumns(noTimers)
    for (const time of this.#buckets.times()) {
      const bucket = this.#buckets.at(this.#buckets.slotOf(time))!
      let position = 0
      for (const key of keysOf(bucket)) {
        const group = columns.of(key)
        group.times.push(time)
        group.keys.push(key)
        group.positions.push(position++)
      }
    }
    return columns.groups
  }

  /** The same: timers for one time by positions that follow each other, but not by one each. */
  freeze(): FrozenState {
    const end = (): void => {
      this.#copy = undefined
      this.#buckets.release()
    }
    let frozen: TimeTableCopy<Key | TimeBucket> | undefined
    return {
      get bytes() {
        return frozen?.bytes ?? 0
      },
      begin: (write) => {
        this.#copying++
        frozen = this.#buckets.freeze()
        this.#copy = { blocks: new ColumnBlocks(write, noTimers), steps: this.#copyEach(frozen) }
      },
      advance: (entries) => {
        const copy = this.#copy
        for (let i = 0; i < entries && this.#copy !== undefined; i++) {
          if (!copy!.steps.next().done) continue
          copy!.blocks.flush()
          end()
        }
        if (this.#copy === undefined) frozen = undefined
        return frozen !== undefined
      },
      release: () => {
        if (frozen !== undefined) end()
        frozen = undefined
      },
    }
  }

  /** All key groups at once, since timers for one time are to fire in the order in which they would have. */
  restore(groups: readonly TimerColumns[]): void {
    const timers = groups.flatMap(({ times, keys, positions }) =>
      times.map((time, index) => ({ time, key: keys[index], position: positions[index] })),
    )
    timers.sort((a, b) => a.position - b.position)
    for (const { time, key } of timers) this.add(time, key)
  }

  *#copyEach(frozen: TimeTableCopy<Key | TimeBucket>): Generator<void, void> {
    const large: (readonly [number, TimeBucket])[] = []
    const read = (time: number, bucket: Key | TimeBucket): void => {
      if (bucket instanceof TimeBucket) large.push([time, bucket])
      else this.#copyOut(time, bucket, 0)
    }
    while (frozen.readPage(read)) {
      yield
      for (const [time, bucket] of large.splice(0))
        yield* bucket.copy(this.#copying, (key, place) => this.#copyOut(time, key, place))
    }
  }

  #copyOut(time: number, key: Key, position: number): void {
    this.#copy!.blocks.add(key, ({ times, keys, positions }) => {
      times.push(time)
      keys.push(key)
      positions.push(position)
    })
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

function keysOf(bucket: Key | TimeBucket): Iterable<Key> {
  return bucket instanceof TimeBucket ? bucket.keys() : [bucket]
}
