import type { Clock } from '../connector.ts'
import type { StreamElement } from '../record.ts'

/** The sending end of the way from one subtask to another. Elements arrive in the order in which they were sent. */
export interface OutputChannel {
  /**
   * Takes the element; a batch then belongs to the channel. A promise is back-pressure: the subtask sends and reads
   * nothing more until it settles. A rejection ends the subtask.
   */
  send(element: StreamElement): void | Promise<void>
}

/** The receiving end. While a barrier is aligned nothing is taken from it, so its buffer must be bounded. */
export interface InputChannel {
  /** The next element, or undefined when none is there now. Never waits; throws when the way is broken. */
  take(): StreamElement | undefined
  /** Called once, before the first `take`. `wake` is to be called when an element arrives at an empty channel; more often is harmless. */
  onArrival(wake: () => void): void
}

/** What the engine needs of the place that it runs in. It reads no clock and sets no timer of its own. */
export interface Host {
  readonly clock: Clock
  /** Milliseconds from any beginning, with fractions, never back: for figures alone. Default: the clock. */
  readonly elapsed?: () => number
  /** Lets everything else of this thread have its turn (messages, timers, other subtasks). Called after every batch. */
  yieldToHost(): Promise<void>
  /** Calls back once after so many milliseconds; returns how to call it off. */
  after(ms: number, callback: () => void): () => void
  /** How to read texts that lie in a buffer, as fast as the place can. Default: by TextDecoder. */
  readonly readTexts?: (bytes: Uint8Array) => TextReader
}

/** The text of valid UTF-8 from one place of a buffer to before another, a mark U+FEFF at its beginning included. */
export type TextReader = (start: number, end: number, isAscii: boolean) => string
