import type { Key } from '@lightflus/api'
import { keyGroupOf } from '../../key-group.ts'
import { weighCell, type Cell } from '../fold/fold.ts'
import type { TakeCell } from '../fold/restored-fold.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { KeptWindow, type EmittedResult } from './kept-window.ts'

/** Windows of one key group in a snapshot: columns of one length. */
export interface KeyGroupKeptWindows {
  readonly keys: Key[]
  readonly starts: number[]
  readonly ends: number[]
  readonly orders: number[]
  readonly cells: (Cell | undefined)[]
  readonly greatestTimestamps: number[]
  readonly paneRecords: number[]
  readonly paneSince: number[]
  readonly panes: number[]
  readonly pastEnd: boolean[]
  readonly slots: unknown[][]
  readonly emitted: EmittedResult[][]
}

/** Every window that has state, by key, and of each key by start. */
export class WindowStore {
  readonly #byKey = new Map<Key, KeptWindow[]>()
  #made = 0
  #size = 0
  readonly #weight = new StateWeight(() => this.#byKey.values(), weighWindows)

  get size(): number {
    return this.#size
  }

  /** About what all windows weigh. */
  get bytes(): number {
    return this.#weight.bytes(this.#byKey.size)
  }

  /** One that is not kept yet. */
  make(key: Key, start: number, end: number, slots: unknown[]): KeptWindow {
    return new KeptWindow(key, start, end, this.#made++, slots)
  }

  /** The key's window that begins there, where no two overlap or all are of one size. */
  find(key: Key, start: number): KeptWindow | undefined {
    const windows = this.#byKey.get(key)
    if (windows === undefined) return undefined
    const window = windows[firstFrom(windows, start)] as KeptWindow | undefined
    return window?.start === start ? window : undefined
  }

  /** Those that overlap the span, earliest first, where the key's windows do not overlap each other. */
  overlapping(key: Key, start: number, end: number): readonly KeptWindow[] {
    const windows = this.#byKey.get(key)
    if (windows === undefined) return none
    let from = firstFrom(windows, start)
    if (from > 0 && windows[from - 1].end > start) from--
    let to = from
    while (to < windows.length && windows[to].start < end) to++
    return from === to ? none : windows.slice(from, to)
  }

  keep(window: KeptWindow): void {
    window.isKept = true
    this.#size++
    const windows = this.#byKey.get(window.key)
    if (windows === undefined) this.#byKey.set(window.key, [window])
    else windows.splice(firstFrom(windows, window.start), 0, window)
  }

  remove(window: KeptWindow): void {
    window.isKept = false
    this.#size--
    const windows = this.#byKey.get(window.key)!
    if (windows.length === 1) this.#byKey.delete(window.key)
    else windows.splice(windows.indexOf(window), 1)
  }

  *all(): Generator<KeptWindow, void> {
    for (const windows of this.#byKey.values()) yield* windows
  }

  byKeyGroup(): Map<number, KeyGroupKeptWindows> {
    const groups = new Map<number, KeyGroupKeptWindows>()
    for (const [key, windows] of this.#byKey) {
      const keyGroup = keyGroupOf(key)
      let group = groups.get(keyGroup)
      if (group === undefined) groups.set(keyGroup, (group = noWindows()))
      for (const window of windows) push(group, window)
    }
    return groups
  }

  /** @returns what was put, so that it can be given its timers. */
  put(group: KeyGroupKeptWindows, take: TakeCell): KeptWindow[] {
    return group.keys.map((key, i) => {
      const window = new KeptWindow(key, group.starts[i], group.ends[i], group.orders[i], group.slots[i])
      const cell = group.cells[i]
      if (cell !== undefined) window.cell = take(cell, key)
      window.greatestTimestamp = group.greatestTimestamps[i]
      window.paneRecords = group.paneRecords[i]
      window.paneSince = group.paneSince[i]
      window.panes = group.panes[i]
      window.isPastEnd = group.pastEnd[i]
      if (group.emitted[i].length > 0) window.emitted = group.emitted[i]
      this.#made = Math.max(this.#made, window.order + 1)
      this.keep(window)
      return window
    })
  }
}

/** About what one key's windows take, with their timers and the key's place in the map. */
function weighWindows(windows: readonly KeptWindow[]): number {
  let bytes = 88 + weigh(windows[0].key)
  for (const { cell, slots, emitted } of windows)
    bytes +=
      248 + weighCell(cell) + (slots.length === 0 ? 0 : weigh(slots)) + (emitted.length === 0 ? 0 : weigh(emitted))
  return bytes
}

const none: readonly KeptWindow[] = []

/** Index of the first window that begins at that time or later. New windows are mostly the latest. */
function firstFrom(windows: readonly KeptWindow[], start: number): number {
  let low = 0
  let high = windows.length
  if (high > 0 && windows[high - 1].start < start) return high
  while (low < high) {
    const middle = (low + high) >> 1
    if (windows[middle].start < start) low = middle + 1
    else high = middle
  }
  return low
}

function noWindows(): KeyGroupKeptWindows {
  return {
    keys: [],
    starts: [],
    ends: [],
    orders: [],
    cells: [],
    greatestTimestamps: [],
    paneRecords: [],
    paneSince: [],
    panes: [],
    pastEnd: [],
    slots: [],
    emitted: [],
  }
}

function push(group: KeyGroupKeptWindows, window: KeptWindow): void {
  group.keys.push(window.key)
  group.starts.push(window.start)
  group.ends.push(window.end)
  group.orders.push(window.order)
  group.cells.push(window.cell)
  group.greatestTimestamps.push(window.greatestTimestamp)
  group.paneRecords.push(window.paneRecords)
  group.paneSince.push(window.paneSince)
  group.panes.push(window.panes)
  group.pastEnd.push(window.isPastEnd)
  group.slots.push(window.slots)
  group.emitted.push(window.emitted)
}
