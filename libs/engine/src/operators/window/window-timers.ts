import type { KeptWindow } from './kept-window.ts'

interface Timer {
  readonly time: number
  readonly window: KeptWindow
}

/**
 * Which window is due next, by one kind of time: a binary heap. A window has one timer at most that counts, the one
 * that it remembers itself; what it asked for before lies in the heap until its time comes, and is passed over then.
 */
export class WindowTimers {
  readonly #due: 'eventDue' | 'processingDue'
  readonly #dueFrom: (window: KeptWindow, time: number) => number
  #heap: Timer[] = []
  /** How many of them count no more. */
  #stale = 0

  /** @param dueFrom when the window is due, at that time or later: it may have become later since the timer was set. */
  constructor(due: 'eventDue' | 'processingDue', dueFrom: (window: KeptWindow, time: number) => number) {
    this.#due = due
    this.#dueFrom = dueFrom
  }

  /** Not later than the next window is due; Infinity where none is. */
  get next(): number {
    return this.#heap.length === 0 ? Infinity : this.#heap[0].time
  }

  /** Lets the window be due at that time, unless it is earlier already. */
  set(window: KeptWindow, time: number): void {
    if (time >= window[this.#due]) return
    this.drop(window)
    window[this.#due] = time
    this.#push({ time, window })
  }

  /** Lets the window be due no more. A timer that counts no more must not keep it in memory until a time far off. */
  drop(window: KeptWindow): void {
    if (window[this.#due] === Infinity) return
    window[this.#due] = Infinity
    if (++this.#stale * 2 <= this.#heap.length) return
    const live = this.#heap.filter((timer) => timer.window[this.#due] === timer.time)
    this.#heap = []
    this.#stale = 0
    for (const timer of live) this.#push(timer)
  }

  /** The next window that is due at or before the time, earliest first; it is due no more. */
  take(until: number): KeptWindow | undefined {
    while (this.next <= until) {
      const { time, window } = this.#pop()
      if (window[this.#due] !== time) {
        this.#stale--
        continue
      }
      window[this.#due] = Infinity
      const due = this.#dueFrom(window, time)
      if (due <= time) return window
      this.set(window, due)
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let index = heap.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(timer, heap[parent])) break
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = timer
  }

  #pop(): Timer {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()!
    if (heap.length === 0) return first
    let index = 0
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
      if (!isBefore(heap[child], last)) break
      heap[index] = heap[child]
      index = child
    }
    heap[index] = last
    return first
  }
}

const isBefore = (a: Timer, b: Timer) => a.time < b.time || (a.time === b.time && a.window.order < b.window.order)
