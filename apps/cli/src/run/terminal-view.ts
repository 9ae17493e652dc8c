import type { PublishedRow } from '@lightflus/engine'
import { diagnosticText } from '../diagnostics.ts'
import type { Io } from '../io.ts'
import { createPrinter, tableText, type Colors } from '../printer.ts'
import { visibleText } from '../visible-text.ts'
import { figuresText, summaryText } from './figures-text.ts'
import { LiveBlock } from './live-block.ts'
import { logText, restartText } from './log-text.ts'
import { receivingText } from './receiving-text.ts'
import type { RunFigures, RunView } from './run-view.ts'

/** Rows of one sink that are drawn while the job runs, and that stay when it has ended. */
const liveRowsMax = 12
const finalRowsMax = 50

/** For people: the newest rows of every table sink and a line of figures, drawn in place; logs scroll above. */
export function terminalView(io: Io): RunView {
  const { colors } = createPrinter(io, 'text')
  const block = new LiveBlock({ write: io.out, size: io.terminalSize })
  const tables = new Map<string, LatestRows>()
  const draw = (figures: RunFigures): void =>
    block.draw([...tablesText(colors, tables, liveRowsMax).split('\n'), figuresText(colors, figures)])
  return {
    sharesOutput: false,
    started: () => {},
    diagnostics: (diagnostics) => diagnostics.forEach((diagnostic) => block.above(diagnosticText(colors, diagnostic))),
    rows(sink, rows) {
      const table = tables.get(sink) ?? new LatestRows(finalRowsMax)
      tables.set(sink, table)
      for (const row of rows) table.add(row)
    },
    log: (line) => block.above(logText(colors, line)),
    state(change) {
      const text = restartText(colors, change)
      if (text !== '') block.above(text)
    },
    note: (text) => block.above(colors.dim(text)),
    receiving: (endpoint, url) => block.above(colors.dim(receivingText(endpoint, url).trimEnd())),
    progress: draw,
    end(summary) {
      block.clear()
      if (tables.size > 0) io.out(`${tablesText(colors, tables, finalRowsMax)}\n`)
      io.err(summaryText(colors, summary))
    },
  }
}

/** The newest rows of one sink; one with a key replaces the one before, or says that it is gone. */
export class LatestRows {
  readonly #rows = new Map<string, PublishedRow>()
  readonly #max: number
  #added = 0

  constructor(max: number) {
    this.#max = max
  }

  add(row: PublishedRow): void {
    const id = row.key === null ? `#${(this.#added += 1)}` : `=${row.key}`
    this.#rows.delete(id)
    if (row.row !== null) this.#rows.set(id, row)
    if (this.#rows.size > this.#max) this.#rows.delete(this.#rows.keys().next().value!)
  }

  /** Keyed rows by key, so that each keeps its place in the picture; others oldest first. */
  newest(max: number): readonly PublishedRow[] {
    const rows = [...this.#rows.values()].slice(-max)
    return rows.toSorted((a, b) => (a.key ?? '').localeCompare(b.key ?? '', 'en', { numeric: true }))
  }
}

function tablesText(colors: Colors, tables: ReadonlyMap<string, LatestRows>, rowsMax: number): string {
  return [...tables]
    .map(([sink, table]) => {
      const rows = table.newest(rowsMax).map(({ row }) => row ?? {})
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
      const cells = rows.map((row) => columns.map((column) => cellText(row[column])))
      return `${colors.bold(sink)}\n${tableText(colors, columns.map(visibleText), cells)}\n`
    })
    .join('\n')
}

function cellText(value: unknown): string | number {
  if (value === undefined || value === null) return '–'
  if (typeof value === 'number') return value
  return visibleText(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ')
}
