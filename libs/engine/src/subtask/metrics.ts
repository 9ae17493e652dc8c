/** Counters of one operator in one subtask, since the subtask was made. Read them at any time; only the engine writes. */
export interface OperatorMetrics {
  readonly operator: string
  recordsIn: number
  recordsOut: number
  bytesIn: number
  bytesOut: number
  /** Left out under `onError: 'skip'`. */
  recordsSkipped: number
  /** Dropped behind the watermark and the allowed lateness. */
  recordsLate: number
  /** Too far beyond the worker's clock to move the watermark; they have gone on all the same. */
  recordsAhead: number
  /** Of sources that decode only what is used: records of a form that had to be decoded whole. */
  recordsPlain: number
  /** Rows of keyed state: one for each key, of windows one for each key and window. 0 of operators that do not tell. */
  stateEntries: number
  /** About what they weigh. */
  stateBytes: number
  /** Event time, milliseconds; null before the first. The end of input leaves it where it was. */
  watermark: number | null
  /** Records behind the end of the source; null where unknown or no source. */
  lag: number | null
}

export function createOperatorMetrics(operator: string): OperatorMetrics {
  return {
    operator,
    recordsIn: 0,
    recordsOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    recordsSkipped: 0,
    recordsLate: 0,
    recordsAhead: 0,
    recordsPlain: 0,
    stateEntries: 0,
    stateBytes: 0,
    watermark: null,
    lag: null,
  }
}
