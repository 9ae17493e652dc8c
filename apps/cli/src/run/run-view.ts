import type { LogLine, StateChange } from '@lightflus/runtime'
import type { PublishedRow } from '@lightflus/engine'
import type { LightflusError } from '@lightflus/api'
import type { Diagnostic } from '@lightflus/compiler'

/** What a run has done so far. */
export interface RunFigures {
  readonly state: string
  readonly elapsedMs: number
  readonly recordsIn: number
  readonly recordsOut: number
  /** Per second, over the last few seconds. */
  readonly inPerSecond: number
  readonly outPerSecond: number
  readonly recordsSkipped: number
  readonly recordsLate: number
  readonly recordsAhead: number
  /** Of sources that decode only what the job uses: records that had to be decoded whole. */
  readonly recordsPlain: number
  /** Records behind the ends of the sources; null where unknown. */
  readonly lag: number | null
  /** About what the operators keep now, bytes. */
  readonly stateBytes: number
  /** Checkpoints that were given up, over all attempts. */
  readonly checkpointsFailed: number
}

export interface RunSummary extends RunFigures {
  readonly job: string
  readonly attempts: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly memoryBytesMax: number
}

/** How a run is shown: one way for terminals, one for pipes, one for machines. */
export interface RunView {
  /** Whether a sink may write to this process's standard output, beside the view. */
  readonly sharesOutput: boolean
  started(job: string, parallelism: number): void
  diagnostics(diagnostics: readonly Diagnostic[]): void
  rows(sink: string, rows: readonly PublishedRow[]): void
  log(line: LogLine): void
  state(change: StateChange): void
  /** What the command itself has to say, such as what Ctrl-C will do. */
  note(text: string): void
  /** Where records can be posted to while the job runs. */
  receiving(endpoint: string, url: string): void
  /** Called several times a second. */
  progress(figures: RunFigures): void
  /** The last call: nothing is shown after it. */
  end(summary: RunSummary, error: LightflusError | undefined): void
}
