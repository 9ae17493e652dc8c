export interface WriterPlan {
  readonly bootstrap: string
  readonly topic: string
  readonly partitions: number
  readonly folder: string
  readonly lineage: string
  readonly parallelism: number
  readonly recordsTotal: number
  readonly protocol: 1 | 2
  readonly transactions: 'open' | 'wal'
  readonly stop?: StopPoint
}

export interface StopPoint {
  /** Name of a request, `log`, or `any`. */
  readonly at: string
  readonly isAfter: boolean
  /** Which of them, from 1. */
  readonly nth: number
  readonly signal: 'SIGKILL' | 'SIGSTOP'
}

/** What it says before it stops itself. */
export const stopping = 'stopping'
