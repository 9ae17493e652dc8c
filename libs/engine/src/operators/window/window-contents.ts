import type { TimeWindow } from '@lightflus/api'
import type { Cell, Fold } from '../fold/fold.ts'
import type { CreatedTrigger } from '../trigger/create-trigger.ts'
import type { KeptWindow } from './kept-window.ts'

/**
 * Adds records to what windows hold and what their triggers remember. A record goes in as a whole: when a function of
 * the program throws and the record is to be skipped, all windows stay as they were, and the error goes on.
 */
export class WindowContents {
  readonly #fold: Fold
  readonly #trigger: CreatedTrigger
  /** What is changed is changed in a copy first. */
  readonly #isUndone: boolean

  constructor(fold: Fold, trigger: CreatedTrigger, isUndone: boolean) {
    this.#fold = fold
    this.#trigger = trigger
    this.#isUndone = isUndone
  }

  addToAll(windows: readonly KeptWindow[], value: unknown, timestamp: number): void {
    if (windows.length === 1) return this.addToMerged(windows[0], [], windows[0], value, timestamp)
    const former = windows.map(({ cell, slots }) => ({ cell, slots }))
    try {
      for (const window of windows) {
        if (this.#isUndone) this.#copy(window)
        this.#add(window, value, timestamp)
      }
    } catch (thrown) {
      former.forEach((before, i) => Object.assign(windows[i], before))
      throw thrown
    }
  }

  /** Adds a record to a window that takes in what others hold, and has other bounds then. The others are done with. */
  addToMerged(
    window: KeptWindow,
    others: readonly KeptWindow[],
    { start, end }: TimeWindow,
    value: unknown,
    timestamp: number,
  ): void {
    if (others.length === 0 && this.#trigger.customs.length === 0) {
      // The common case: the fold alone can throw, and then leaves the cell as it was.
      this.#add(window, value, timestamp)
      window.start = start
      window.end = end
      return
    }
    const former = { cell: window.cell, slots: window.slots, start: window.start, end: window.end }
    try {
      if (this.#isUndone) this.#copy(window)
      for (const other of others) this.#merge(window, other)
      window.start = start
      window.end = end
      this.#add(window, value, timestamp)
    } catch (thrown) {
      Object.assign(window, former)
      throw thrown
    }
  }

  #copy(window: KeptWindow): void {
    if (window.cell !== undefined) window.cell = structuredClone(window.cell)
    if (this.#trigger.slots.length > 0) window.slots = structuredClone(window.slots)
  }

  #merge(window: KeptWindow, other: KeptWindow): void {
    if (other.cell !== undefined) {
      const cell: Cell = window.cell ?? this.#fold.create()
      this.#fold.merge(cell, other.cell)
      window.cell = cell
    }
    const { slots } = this.#trigger
    if (slots.length > 0) window.slots = slots.map((slot, i) => slot.merge(window.slots[i], other.slots[i]))
  }

  #add(window: KeptWindow, value: unknown, timestamp: number): void {
    for (const custom of this.#trigger.customs) custom.onRecord(window, value, timestamp)
    if (window.cell === undefined) {
      const cell = this.#fold.create()
      this.#fold.add(cell, value)
      // Only now: a window whose first record is skipped holds nothing.
      window.cell = cell
    } else this.#fold.add(window.cell, value)
  }
}
