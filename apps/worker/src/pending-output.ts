import type { DeploymentReport } from '@lightflus/contracts'

type Line = DeploymentReport['logs'][number]
type Row = DeploymentReport['rows'][number]

/** What one report may carry, as the protocol's schema bounds it. */
const perReportMax = 500
/** What is kept while the control plane is away. */
export const linesKeptMax = 5_000
export const rowsKeptMax = 500
const messageLengthMax = 8_192

/**
 * Log lines and result rows that the control plane has not yet acknowledged. Both are numbered without a gap, bounded,
 * and lose their oldest first: of lines it says how many, of rows only the newest matter.
 */
export class PendingOutput {
  #lines: Line[] = []
  #rows = new Map<string | number, Row>()
  #nextLine = 1
  #nextRow = 1
  #linesLost = 0

  addLine(line: Omit<Line, 'sequence'>): void {
    this.#lines.push({ ...line, message: line.message.slice(0, messageLengthMax), sequence: this.#nextLine++ })
    if (this.#lines.length <= linesKeptMax) return
    this.#lines.shift()
    this.#linesLost += 1
  }

  /** A row with the key of one that waits replaces it. */
  addRow(row: Omit<Row, 'sequence'>): void {
    const sequence = this.#nextRow++
    const identity = row.key === null ? sequence : JSON.stringify([row.sink, row.key])
    this.#rows.delete(identity)
    this.#rows.set(identity, { ...row, sequence })
    if (this.#rows.size > rowsKeptMax) this.#rows.delete(this.#rows.keys().next().value!)
  }

  /** The oldest of what waits, as much as one report may carry. */
  next(): Pick<DeploymentReport, 'logs' | 'rows'> {
    if (this.#linesLost > 0) {
      const message = `${this.#linesLost} earlier lines were dropped: the platform was away.`
      this.#linesLost = 0
      const first = this.#lines.shift()
      if (first) this.#lines.unshift({ ...first, level: 'warn', operator: null, message })
    }
    return { logs: this.#lines.slice(0, perReportMax), rows: [...this.#rows.values()].slice(0, perReportMax) }
  }

  acknowledge(lines: number, rows: number): void {
    this.#lines = this.#lines.filter(({ sequence }) => sequence > lines)
    for (const [identity, { sequence }] of this.#rows) if (sequence <= rows) this.#rows.delete(identity)
  }

  get empty(): boolean {
    return this.#lines.length === 0 && this.#rows.size === 0
  }
}
