import type { Io } from '../io.ts'
import type { RunFigures, RunView } from './run-view.ts'

/** How often figures are written, milliseconds. */
const progressMs = 5_000

/** Everything as lines of JSON on standard output, each with a `type`; the last one is the summary. */
export function jsonView(io: Io): RunView {
  const write = (type: string, fields: object): void => io.out(`${JSON.stringify({ type, ...fields })}\n`)
  let toldAt = 0
  const progress = (figures: RunFigures): void => {
    if (figures.elapsedMs - toldAt < progressMs) return
    toldAt = figures.elapsedMs
    write('progress', figures)
  }
  return {
    sharesOutput: false,
    started: (job, parallelism) => write('started', { job, parallelism }),
    diagnostics: (diagnostics) => diagnostics.forEach((diagnostic) => write('diagnostic', diagnostic)),
    rows: (sink, rows) => rows.forEach((row) => write('row', { sink, ...row })),
    log: (line) => write('log', line),
    state: ({ state, attempt, error }) => write('state', { state, attempt, ...(error ? { error } : {}) }),
    note: () => {},
    receiving: (endpoint, url) => write('receiving', { endpoint, url }),
    progress,
    end: (summary, error) => write('summary', { ...summary, ...(error ? { error } : {}) }),
  }
}
