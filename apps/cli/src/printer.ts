import { stripVTControlCharacters } from 'node:util'
import pc from 'picocolors'
import type { deploymentStateFacts, DeploymentState } from '@lightflus/contracts'
import { wantsColor, type Io } from './io.ts'

export type Colors = ReturnType<typeof pc.createColors>
export type OutputFormat = 'text' | 'json'

/** Writes results: for people as text and tables, for machines as JSON. */
export interface Printer {
  readonly format: OutputFormat
  readonly colors: Colors
  /** JSON: `value` whole. Text: what `text` makes of it. */
  result<T>(value: T, text: (value: T) => string): void
  /** For people only, on standard error: what was done, and what to do next. */
  note(text: string): void
}

export function createPrinter(io: Io, format: OutputFormat): Printer {
  const colors = pc.createColors(wantsColor(io.environment, io.outIsTerminal))
  return {
    format,
    colors,
    result(value, text) {
      io.out(
        format === 'json'
          ? `${JSON.stringify(value, null, io.outIsTerminal ? 2 : undefined)}\n`
          : withNewline(text(value)),
      )
    },
    note: (text) => io.err(format === 'json' ? '' : withNewline(text)),
  }
}

const withNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

/** Rows under headings, columns as wide as they need; numbers to the right. */
export function tableText(
  colors: Colors,
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const columns = headings.map((heading, column) => {
    const cells = rows.map((row) => row[column] ?? '')
    const texts = [
      colors.dim(heading.toUpperCase()),
      ...cells.map((cell) => (typeof cell === 'number' ? numberText(cell) : cell)),
    ]
    const isNumeric = cells.length > 0 && cells.every((cell) => typeof cell === 'number' || cell === '–')
    const width = Math.max(...texts.map(widthOf))
    return texts.map((text) =>
      isNumeric ? ' '.repeat(width - widthOf(text)) + text : text + ' '.repeat(width - widthOf(text)),
    )
  })
  return Array.from({ length: rows.length + 1 }, (_, row) =>
    columns
      .map((column) => column[row])
      .join('  ')
      .trimEnd(),
  ).join('\n')
}

// Made when first used: a run that prints JSON needs neither, and the data of languages behind them takes 20 ms to load.
let graphemes: Intl.Segmenter | undefined
let digits: Intl.NumberFormat | undefined
const wide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\uff01-\uff60]/u

/** Columns of a terminal that a text takes: colours take none, an emoji or a Chinese character takes two. */
function widthOf(text: string): number {
  let width = 0
  graphemes ??= new Intl.Segmenter('en')
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += wide.test(segment) ? 2 : 1
  return width
}

/** `Name:  value` lines, values under each other. */
export function factsText(colors: Colors, facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(...facts.map(([name]) => name.length)) + 1
  return facts.map(([name, value]) => `${colors.dim(`${name}:`.padEnd(width))} ${value}`).join('\n')
}

export function numberText(value: number): string {
  digits ??= new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
  return digits.format(value)
}

export function rateText(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return '–'
  return perSecond >= 1_000
    ? `${numberText(Math.round(perSecond / 100) / 10)}k/s`
    : `${numberText(Math.round(perSecond * 10) / 10)}/s`
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  return `${numberText(Math.round((bytes / 10 ** (3 * power)) * 10) / 10)} ${units[power]}`
}

/** A span, to three digits: `1.5 ms`, `2.34 s`; `–` where it is not known. */
export function spanText(ms: number | null): string {
  if (ms === null) return '–'
  const [span, unit] = ms < 1_000 ? [ms, 'ms'] : [ms / 1_000, 's']
  return `${numberText(span >= 100 ? Math.round(span) : Number(span.toPrecision(3)))} ${unit}`
}

/** How long ago, in the largest unit that fits. */
export function agoText(instant: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1_000))
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)}h ago` : `${Math.floor(seconds / 86_400)}d ago`
}

type Tone = (typeof deploymentStateFacts)[DeploymentState]['tone']

export function toneColor(colors: Colors, tone: Tone): (text: string) => string {
  switch (tone) {
    case 'good':
      return colors.green
    case 'warning':
      return colors.yellow
    case 'bad':
      return colors.red
    case 'busy':
      return colors.cyan
    case 'neutral':
      return colors.dim
  }
}
