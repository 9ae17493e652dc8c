import { LightflusError } from '@lightflus/api'
import type { OperatorMetrics } from './metrics.ts'

/** How much state all subtasks of a slot may hold together. */
export class StateBudget {
  readonly bytesMax: number
  bytes = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }
}

/** What one operator of a subtask tells of its state: an estimate that costs it next to nothing to keep. */
export interface StateAccount {
  /**
   * What it holds now, in memory and on disk; only memory is bounded. Called between batches, so that state is beyond its bound by one batch at most.
   * @throws LF_STATE_TOO_LARGE where the slot's operators hold more together than they may.
   */
  report(entries: number, bytes: number, diskBytes?: number): void
}

export interface StateAccountOptions {
  readonly job: string
  readonly operator: string
  readonly metrics: OperatorMetrics
  /** Undefined: no bound. */
  readonly budget: StateBudget | undefined
}

export function createStateAccount({ job, operator, metrics, budget }: StateAccountOptions): StateAccount {
  let accounted = 0
  return {
    report(entries, bytes, diskBytes = 0) {
      if (budget !== undefined) budget.bytes += bytes - accounted
      accounted = bytes
      metrics.stateEntries = entries
      metrics.stateBytes = bytes + diskBytes
      if (budget !== undefined && budget.bytes > budget.bytesMax) throw tooLarge(entries, bytes, budget)
    },
  }

  function tooLarge(entries: number, bytes: number, { bytes: all, bytesMax }: StateBudget): LightflusError {
    const others = all - bytes > 0 ? `, and others of its slot ${mebibytes(all - bytes)}` : ''
    return new LightflusError(
      'LF_STATE_TOO_LARGE',
      `Job ${job}, operator ${operator}: it holds ${mebibytes(bytes)} of state in ${entries} entries${others}; ${mebibytes(bytesMax)} are allowed.`,
      { details: { job, operator, entries, bytes, slotBytes: all, bytesMax } },
    )
  }
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`
