import type { AttemptFigures, CheckpointCounts, DeploymentHandle, OperatorMetrics, Usage } from '@lightflus/runtime'
import { Rates } from './rates.ts'
import type { RunFigures, RunSummary } from './run-view.ts'

type Handle = Pick<DeploymentHandle, 'state' | 'attempt' | 'metrics' | 'usage' | 'checkpoints'>

interface PresentFigures {
  readonly metrics: readonly OperatorMetrics[]
  readonly usage: readonly Usage[]
  readonly checkpoints: readonly CheckpointCounts[]
}

/** Adds up what the attempts of a run have done: each counts from zero. */
export class RunCounter {
  readonly #startedAtMs: number
  readonly #now: () => number
  readonly #rates = new Rates()
  #ended: readonly AttemptFigures[] = []

  /** @param now a clock that never goes back, milliseconds. */
  constructor(now: () => number) {
    this.#now = now
    this.#startedAtMs = now()
  }

  /** Keeps the last figures of an attempt. */
  attemptEnded(figures: AttemptFigures): void {
    this.#ended = [...this.#ended, figures]
  }

  figures(handle: Handle): RunFigures {
    const elapsedMs = this.#now() - this.#startedAtMs
    const { usage, metrics, checkpoints } = this.#totals(handle)
    const { recordsIn, recordsOut } = usage
    const present = this.#present(handle)
    const lags = present.metrics.flatMap(({ lag }) => (lag === null ? [] : [lag]))
    return {
      state: handle.state,
      elapsedMs,
      recordsIn,
      recordsOut,
      ...this.#rates.add({ atMs: elapsedMs, recordsIn, recordsOut }),
      recordsSkipped: total(metrics, ({ recordsSkipped }) => recordsSkipped),
      recordsLate: total(metrics, ({ recordsLate }) => recordsLate),
      recordsAhead: total(metrics, ({ recordsAhead }) => recordsAhead),
      recordsPlain: total(metrics, ({ recordsPlain }) => recordsPlain),
      lag: lags.length === 0 ? null : total(lags, (lag) => lag),
      stateBytes: total(present.metrics, ({ stateBytes }) => stateBytes),
      checkpointsFailed: total(checkpoints, ({ failed }) => failed),
    }
  }

  /** Its rates are over the whole run. */
  summary(handle: Handle, job: string, memoryBytesMax: number): RunSummary {
    const { bytesIn, bytesOut } = this.#totals(handle).usage
    const figures = this.figures(handle)
    const perSecond = (records: number): number => (records * 1_000) / Math.max(1, figures.elapsedMs)
    return {
      ...figures,
      inPerSecond: perSecond(figures.recordsIn),
      outPerSecond: perSecond(figures.recordsOut),
      job,
      attempts: Math.max(1, this.#ended.length),
      bytesIn,
      bytesOut,
      memoryBytesMax,
    }
  }

  /** Of the attempt that runs; nothing once it is among those that have ended. */
  #present(handle: Handle): PresentFigures {
    if (this.#ended.some(({ attempt }) => attempt === handle.attempt))
      return { metrics: [], usage: [], checkpoints: [] }
    return { metrics: handle.metrics(), usage: [handle.usage()], checkpoints: [handle.checkpoints()] }
  }

  #totals(handle: Handle) {
    const present = this.#present(handle)
    const usages = [...this.#ended.map(({ usage }) => usage), ...present.usage]
    return {
      metrics: [...this.#ended.flatMap(({ metrics }) => metrics), ...present.metrics],
      checkpoints: [...this.#ended.map(({ checkpoints }) => checkpoints), ...present.checkpoints],
      usage: {
        recordsIn: total(usages, ({ recordsIn }) => recordsIn),
        recordsOut: total(usages, ({ recordsOut }) => recordsOut),
        bytesIn: total(usages, ({ bytesIn }) => bytesIn),
        bytesOut: total(usages, ({ bytesOut }) => bytesOut),
      },
    }
  }
}

function total<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0)
}
