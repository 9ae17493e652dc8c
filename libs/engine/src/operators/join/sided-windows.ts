import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'

/** A window of one key with its records of both inputs. */
export class SidedWindow {
  readonly key: Key
  readonly start: number
  readonly end: number
  left: readonly unknown[]
  right: readonly unknown[]
  /** False once it has fired, or has been merged into another. */
  isOpen = true

  constructor(key: Key, start: number, end: number, left: readonly unknown[], right: readonly unknown[]) {
    this.key = key
    this.start = start
    this.end = end
    this.left = left
    this.right = right
  }

  /** @param input 0: the left. */
  add(input: number, row: unknown): void {
    if (input === 0) this.left = joined(this.left, [row])
    else this.right = joined(this.right, [row])
  }
}

/** Shared by all windows that have no records of a side: never changed. */
const noRows: readonly unknown[] = []

/** Windows of one key group in a snapshot, as columns of one length. */
export interface WindowColumns {
  readonly keys: Key[]
  readonly starts: number[]
  readonly ends: number[]
  readonly left: (readonly unknown[])[]
  readonly right: (readonly unknown[])[]
}

interface FoundWindow {
  readonly window: SidedWindow
  /** It was not there before, so that nobody waits for its end yet. */
  readonly isNew: boolean
}

/** The open windows of all keys. */
export class SidedWindows {
  /** Of each key by their starts. */
  readonly #byKey = new Map<Key, SidedWindow[]>()
  #size = 0
  readonly #weight = new StateWeight(() => this.#byKey.values(), weighWindows)

  get size(): number {
    return this.#size
  }

  /** About what all windows weigh, with their records. */
  get bytes(): number {
    return this.#weight.bytes(this.#byKey.size)
  }

  /** The key's window of these bounds, and whether it is new. */
  windowOf(key: Key, start: number, end: number): FoundWindow {
    const windows = this.#byKey.get(key)
    const found = windows?.[firstFrom(windows, start)]
    if (found?.start === start) return { window: found, isNew: false }
    return { window: this.#open(new SidedWindow(key, start, end, noRows, noRows)), isNew: true }
  }

  /** Whether the key has a window that shares time with these bounds. */
  overlaps(key: Key, start: number, end: number): boolean {
    return this.#overlapping(key, start, end).length > 0
  }

  /** One window out of these bounds and all that overlap with them, earlier records first; they are open no more. */
  merge(key: Key, start: number, end: number): FoundWindow {
    const overlapping = this.#overlapping(key, start, end)
    const [first] = overlapping
    if (overlapping.length === 1 && first.start <= start && end <= first.end) return { window: first, isNew: false }
    let left = noRows
    let right = noRows
    for (const window of overlapping) {
      this.close(window)
      start = Math.min(start, window.start)
      end = Math.max(end, window.end)
      left = joined(left, window.left)
      right = joined(right, window.right)
    }
    return { window: this.#open(new SidedWindow(key, start, end, left, right)), isNew: true }
  }

  /** Earliest first. */
  #overlapping(key: Key, start: number, end: number): SidedWindow[] {
    return this.#byKey.get(key)?.filter((window) => window.start < end && start < window.end) ?? []
  }

  close(window: SidedWindow): void {
    window.isOpen = false
    this.#size--
    const windows = this.#byKey.get(window.key)!
    if (windows.length === 1) this.#byKey.delete(window.key)
    else windows.splice(firstFrom(windows, window.start), 1)
  }

  byKeyGroup(): Map<number, WindowColumns> {
    const groups = new Map<number, WindowColumns>()
    for (const [key, windows] of this.#byKey) {
      const keyGroup = keyGroupOf(key)
      let group = groups.get(keyGroup)
      if (group === undefined) groups.set(keyGroup, (group = { keys: [], starts: [], ends: [], left: [], right: [] }))
      for (const { start, end, left, right } of windows) {
        group.keys.push(key)
        group.starts.push(start)
        group.ends.push(end)
        group.left.push(left)
        group.right.push(right)
      }
    }
    return groups
  }

  /** @returns the windows, which are open now. */
  put({ keys, starts, ends, left, right }: WindowColumns): SidedWindow[] {
    // Sides without records are one list for all of them in a snapshot, too.
    const sideOf = (rows: readonly unknown[]) => (rows.length === 0 ? noRows : rows)
    return keys.map((key, i) => this.#open(new SidedWindow(key, starts[i], ends[i], sideOf(left[i]), sideOf(right[i]))))
  }

  #open(window: SidedWindow): SidedWindow {
    this.#size++
    const windows = this.#byKey.get(window.key)
    if (windows === undefined) this.#byKey.set(window.key, [window])
    else windows.splice(firstFrom(windows, window.start), 0, window)
    return window
  }
}

/** The earlier list takes the other in, so that a session that grows at its end is not copied each time. */
function joined(earlier: readonly unknown[], later: readonly unknown[]): readonly unknown[] {
  if (earlier.length === 0) return later
  for (const row of later) (earlier as unknown[]).push(row)
  return earlier
}

/** Index of the first window that begins at that time or later: mostly behind all, or the last. */
function firstFrom(windows: readonly SidedWindow[], start: number): number {
  let low = 0
  let high = windows.length
  if (windows[high - 1].start < start) return high
  while (low < high) {
    const middle = (low + high) >>> 1
    if (windows[middle].start < start) low = middle + 1
    else high = middle
  }
  return low
}

/** About what one key's windows take, its place in the map included. */
function weighWindows(windows: readonly SidedWindow[]): number {
  let bytes = 120
  for (const { left, right } of windows) bytes += 72 + weigh(left) + weigh(right)
  return bytes
}
