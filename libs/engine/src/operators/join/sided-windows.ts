import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'

/** A window of one key with its records of both inputs, the left first. */
export interface SidedWindow {
  readonly key: Key
  readonly start: number
  readonly end: number
  readonly sides: readonly [unknown[], unknown[]]
  /** False once it has fired, or has been merged into another. */
  isOpen: boolean
}

/** Windows of one key group in a snapshot, as columns of one length. */
export interface WindowColumns {
  readonly keys: Key[]
  readonly starts: number[]
  readonly ends: number[]
  readonly left: unknown[][]
  readonly right: unknown[][]
}

interface FoundWindow {
  readonly window: SidedWindow
  /** It was not there before, so that nobody waits for its end yet. */
  readonly isNew: boolean
}

/** The open windows of all keys. */
export class SidedWindows {
  /** By key and start. */
  readonly #windows = new Map<Key, Map<number, SidedWindow>>()

  /** The key's window of these bounds, and whether it is new. */
  windowOf(key: Key, start: number, end: number): FoundWindow {
    const found = this.#windows.get(key)?.get(start)
    return found ? { window: found, isNew: false } : { window: this.#open(key, start, end, [[], []]), isNew: true }
  }

  /** Whether the key has a window that shares time with these bounds. */
  overlaps(key: Key, start: number, end: number): boolean {
    return this.#overlapping(key, start, end).length > 0
  }

  /** One window out of these bounds and all that overlap with them, earlier records first; they are open no more. */
  merge(key: Key, start: number, end: number): FoundWindow {
    const overlapping = this.#overlapping(key, start, end).sort((a, b) => a.start - b.start)
    const [first] = overlapping
    if (overlapping.length === 1 && first.start <= start && end <= first.end) return { window: first, isNew: false }
    const sides: [unknown[], unknown[]] = [[], []]
    for (const window of overlapping) {
      this.close(window)
      start = Math.min(start, window.start)
      end = Math.max(end, window.end)
      sides[0] = joined(sides[0], window.sides[0])
      sides[1] = joined(sides[1], window.sides[1])
    }
    return { window: this.#open(key, start, end, sides), isNew: true }
  }

  #overlapping(key: Key, start: number, end: number): SidedWindow[] {
    const windows = this.#windows.get(key)
    return windows ? [...windows.values()].filter((window) => window.start < end && start < window.end) : []
  }

  close(window: SidedWindow): void {
    window.isOpen = false
    const windows = this.#windows.get(window.key)!
    windows.delete(window.start)
    if (windows.size === 0) this.#windows.delete(window.key)
  }

  byKeyGroup(): Map<number, WindowColumns> {
    const groups = new Map<number, WindowColumns>()
    for (const [key, windows] of this.#windows) {
      const keyGroup = keyGroupOf(key)
      let group = groups.get(keyGroup)
      if (group === undefined) groups.set(keyGroup, (group = { keys: [], starts: [], ends: [], left: [], right: [] }))
      for (const { start, end, sides } of windows.values()) {
        group.keys.push(key)
        group.starts.push(start)
        group.ends.push(end)
        group.left.push(sides[0])
        group.right.push(sides[1])
      }
    }
    return groups
  }

  /** @returns the windows, which are open now. */
  put({ keys, starts, ends, left, right }: WindowColumns): SidedWindow[] {
    return keys.map((key, i) => this.#open(key, starts[i], ends[i], [left[i], right[i]]))
  }

  #open(key: Key, start: number, end: number, sides: readonly [unknown[], unknown[]]): SidedWindow {
    let windows = this.#windows.get(key)
    if (windows === undefined) this.#windows.set(key, (windows = new Map()))
    const window = { key, start, end, sides, isOpen: true }
    windows.set(start, window)
    return window
  }
}

/** The earlier list takes the other in, so that a session that grows at its end is not copied each time. */
function joined(earlier: unknown[], later: unknown[]): unknown[] {
  if (earlier.length === 0) return later
  for (const row of later) earlier.push(row)
  return earlier
}
