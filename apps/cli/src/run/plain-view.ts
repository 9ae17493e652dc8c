import { createPrinter } from '../printer.ts'
import { diagnosticText } from '../diagnostics.ts'
import type { Io } from '../io.ts'
import { visibleText } from '../visible-text.ts'
import { figuresText, summaryText } from './figures-text.ts'
import { logText, restartText } from './log-text.ts'
import { receivingText } from './receiving-text.ts'
import type { RunView } from './run-view.ts'

/** How often figures are written, milliseconds. */
const progressMs = 5_000

/**
 * For pipes and logs: rows on standard output as `sink<tab>row`, and as `sink<tab>null<tab>key` where one is gone; all else
 * on standard error, nothing rewritten.
 */
export function plainView(io: Io): RunView {
  const { colors } = createPrinter(io, 'text')
  let toldAt = 0
  return {
    sharesOutput: true,
    started: (job, parallelism) =>
      io.err(`Running ${job} in ${parallelism} ${parallelism === 1 ? 'slot' : 'slots'}.\n`),
    diagnostics: (diagnostics) =>
      diagnostics.forEach((diagnostic) => io.err(`${diagnosticText(colors, diagnostic)}\n`)),
    rows: (sink, rows) =>
      io.out(
        rows
          .map(
            ({ key, row }) =>
              `${sink}\t${visibleText(JSON.stringify(row))}${row ? '' : `\t${visibleText(key ?? '')}`}\n`,
          )
          .join(''),
      ),
    log: (line) => io.err(`${logText(colors, line)}\n`),
    state: (change) => io.err(restartText(colors, change)),
    note: (text) => io.err(`${text}\n`),
    receiving: (endpoint, url) => io.err(receivingText(endpoint, url)),
    progress: (figures) => {
      if (figures.elapsedMs - toldAt < progressMs) return
      toldAt = figures.elapsedMs
      io.err(`${figuresText(colors, figures)}\n`)
    },
    end: (summary) => io.err(summaryText(colors, summary)),
  }
}
