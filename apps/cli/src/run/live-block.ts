import { stripVTControlCharacters } from 'node:util'

export interface LiveBlockOptions {
  readonly write: (text: string) => void
  /** Columns and rows of the terminal, asked anew for every picture: people resize windows. */
  readonly size: () => { readonly columns: number; readonly rows: number }
}

/**
 * A few lines at the end of a terminal that are drawn over and over, with lines that stay above them. Every line is cut
 * to the terminal's width and the picture to its height: a wrapped or scrolled line could not be drawn over.
 */
export class LiveBlock {
  readonly #options: LiveBlockOptions
  #drawn = 0
  #lines: readonly string[] = []

  constructor(options: LiveBlockOptions) {
    this.#options = options
  }

  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#options.size()
    // One row less than there are: the cursor stands below the last line.
    this.#lines = lines.slice(-Math.max(1, rows - 1)).map((line) => cut(line, columns))
    this.#options.write(`${this.#erase()}${this.#picture()}`)
    this.#drawn = this.#lines.length
  }

  /** Writes lines above the picture, where they stay. */
  above(text: string): void {
    this.#options.write(`${this.#erase()}${text.endsWith('\n') ? text : `${text}\n`}${this.#picture()}`)
    this.#drawn = this.#lines.length
  }

  /** Takes the picture away. */
  clear(): void {
    this.#options.write(this.#erase())
    this.#drawn = 0
    this.#lines = []
  }

  #picture(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }

  /** To the first line of the picture, and clear all below. */
  #erase(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\u001b[0J`
  }
}

/** Cuts what is seen to the width and leaves colours whole. */
function cut(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line
  let seen = 0
  let result = ''

  for (const [part, escape] of line.matchAll(/(\u001b\[[\d;]*m)|./gsu)) {
    if (!escape && (seen += 1) >= columns) return `${result}…\u001b[0m`
    result += part
  }
  return result
}
