import type { LogLine } from '../deployment.ts'

/** Longest message of one line, in UTF-16 code units; the rest is cut off. */
export const logMessageLengthMax = 8_000
const second = 1_000

export interface LogLinesOptions {
  readonly post: (line: LogLine) => void
  readonly now: () => number
  readonly linesPerSecondMax: number
}

/** Lets so many lines a second through, at once, and counts the others: a program that floods its log harms no one. */
export class LogLines {
  readonly #options: LogLinesOptions
  #windowStart = 0
  #passed = 0
  #leftOut = 0

  constructor(options: LogLinesOptions) {
    this.#options = options
  }

  add(level: LogLine['level'], operator: string | null, message: string): void {
    const { post, linesPerSecondMax } = this.#options
    this.tick()
    if (this.#passed >= linesPerSecondMax) {
      this.#leftOut += 1
      return
    }
    this.#passed += 1
    const cut = message.length > logMessageLengthMax ? `${message.slice(0, logMessageLengthMax)}…` : message
    post({ at: this.#options.now(), level, operator, message: cut })
  }

  /** To be called now and then, so that the count of lines left out is told although no further line comes. */
  tick(): void {
    const { post, now, linesPerSecondMax } = this.#options
    const at = now()
    // A clock that was set back begins a second anew.
    if (at >= this.#windowStart && at < this.#windowStart + second) return
    this.#windowStart = at
    this.#passed = 0
    if (this.#leftOut === 0) return
    const message = `${this.#leftOut} lines were left out: a slot may log ${linesPerSecondMax} a second.`
    this.#leftOut = 0
    post({ at, level: 'warn', operator: null, message })
  }
}
