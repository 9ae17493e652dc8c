import type { Colors } from './printer.ts'

interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly file: string
  readonly line: number | null
  readonly column: number | null
}

/** One line, with the place in the form that terminals and editors link. */
export function diagnosticText(colors: Colors, { severity, code, message, file, line, column }: Diagnostic): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  const mark = severity === 'error' ? colors.red('error') : colors.yellow('warning')
  return `${place} ${mark} ${message} ${colors.dim(`(${code})`)}`
}
