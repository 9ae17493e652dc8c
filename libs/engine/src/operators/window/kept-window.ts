import type { Key } from '@lightflus/api'
import { noTimestamp } from '../../record.ts'
import type { Cell } from '../fold/fold.ts'
import type { TriggeredWindow } from '../trigger/trigger.ts'

/** A result that a later pane of its window has to take back. */
export interface EmittedResult {
  readonly value: unknown
  readonly timestamp: number
}

/** One window of one key, while it has state. */
export class KeptWindow implements TriggeredWindow {
  readonly key: Key
  start: number
  end: number
  /** Of making: windows that are due at one time fire in this order. */
  readonly order: number
  /** What has been folded; undefined where it came out or was dropped and nothing came since. */
  cell: Cell | undefined = undefined
  /** Of all records since the window was made. */
  greatestTimestamp = noTimestamp
  paneRecords = 0
  paneSince = NaN
  /** How many have come out. */
  panes = 0
  isPastEnd = false
  isAtEnd = false
  /** Nothing more will come of it after what is being emitted. */
  isClosing = false
  slots: unknown[]
  /** Of retracting windows, what was emitted and holds: of a merged one, the last of each of its parts. */
  emitted: EmittedResult[] = noResults
  /** When it waits for its turn in the timers; Infinity: not at all. */
  eventDue = Infinity
  processingDue = Infinity
  /** In the store: false before its first record is in, and once it was closed or became part of another. */
  isKept = false

  constructor(key: Key, start: number, end: number, order: number, slots: unknown[]) {
    this.key = key
    this.start = start
    this.end = end
    this.order = order
    this.slots = slots
  }

  /** Takes a record into account that has been folded. */
  noteRecord(timestamp: number, now: number): void {
    if (timestamp > this.greatestTimestamp) this.greatestTimestamp = timestamp
    if (this.paneRecords++ === 0) this.paneSince = now
  }

  beginPane(): void {
    this.paneRecords = 0
    this.paneSince = NaN
  }

  /** Takes over what a window knew that becomes part of this one, but for cell, slots and bounds. */
  absorb(other: KeptWindow): void {
    this.greatestTimestamp = Math.max(this.greatestTimestamp, other.greatestTimestamp)
    // True for NaN too: this pane has no record yet.
    if (other.paneRecords > 0 && !(this.paneSince <= other.paneSince)) this.paneSince = other.paneSince
    this.paneRecords += other.paneRecords
    this.panes = Math.max(this.panes, other.panes)
    if (other.emitted.length > 0) this.emitted = [...this.emitted, ...other.emitted]
  }
}

/** Shared by windows that have nothing to take back: never changed. */
const noResults: EmittedResult[] = []
