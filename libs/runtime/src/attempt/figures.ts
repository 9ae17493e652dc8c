import type { Graph } from '@lightflus/api'
import type { OperatorMetrics as SubtaskMetrics } from '@lightflus/engine'
import type { OperatorMetrics, Usage } from '../deployment.ts'
import { CheckpointLedger } from './checkpoint-ledger.ts'

const noCounts = {
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
}
type Counter = keyof typeof noCounts
const counters = Object.keys(noCounts) as Counter[]

function least(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : a + b
}

/** Figures of one attempt over all of its slots, of which each reports its own from time to time. */
export class Figures {
  readonly checkpoints = new CheckpointLedger()
  readonly #slots: number
  readonly #startedAt = performance.now()
  readonly #bySlot = new Map<number, readonly SubtaskMetrics[]>()
  #endedAt: number | undefined
  #graph: Graph | undefined

  constructor(slots: number) {
    this.#slots = slots
  }

  /** From now on there are operators to tell of, in the graph's order. */
  describe(graph: Graph): void {
    this.#graph = graph
  }

  report(slot: number, operators: readonly SubtaskMetrics[]): void {
    this.#bySlot.set(slot, operators)
  }

  /** The slots have ended: their time stands still. */
  end(): void {
    this.#endedAt ??= performance.now()
  }

  metrics(): OperatorMetrics[] {
    const totals = new Map<string, SubtaskMetrics>()
    for (const { id } of this.#graph?.operators ?? []) {
      totals.set(id, { operator: id, ...noCounts, watermark: null, lag: null })
    }
    for (const part of [...this.#bySlot.values()].flat()) {
      const total = totals.get(part.operator)
      if (!total) continue
      for (const counter of counters) total[counter] += part[counter]
      total.watermark = least(total.watermark, part.watermark)
      total.lag = sum(total.lag, part.lag)
    }
    return [...totals.values()]
  }

  usage(): Usage {
    const kinds = new Map((this.#graph?.operators ?? []).map(({ id, kind }) => [id, kind]))
    const metrics = this.metrics()
    const total = (kind: 'source' | 'sink', counter: Counter): number =>
      metrics.reduce((all, each) => all + (kinds.get(each.operator) === kind ? each[counter] : 0), 0)
    return {
      slotSeconds: (this.#slots * ((this.#endedAt ?? performance.now()) - this.#startedAt)) / 1_000,
      recordsIn: total('source', 'recordsIn'),
      recordsOut: total('sink', 'recordsOut'),
      bytesIn: total('source', 'bytesIn'),
      bytesOut: total('sink', 'bytesOut'),
    }
  }
}
