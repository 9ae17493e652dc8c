import { LightflusError } from '@lightflus/api'
import type { Colors } from './printer.ts'
import { visibleText } from './visible-text.ts'

interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly file: string
  readonly line: number | null
  readonly column: number | null
}

/** What a command throws that has shown what is wrong with a program. */
export function invalidProgram(program: string, diagnostics: readonly Diagnostic[]): LightflusError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const codes = [...new Set(errors.map(({ code }) => code))]
  return new LightflusError(
    'LF_PROGRAM_INVALID',
    `${program} has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}.`,
    {
      details: { codes },
      nextStep: `Mend what is listed above; \`lightflus check ${program}\` checks again.`,
    },
  )
}

/** One line, with the place in the form that terminals and editors link. */
export function diagnosticText(colors: Colors, { severity, code, message, file, line, column }: Diagnostic): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  const mark = severity === 'error' ? colors.red('error') : colors.yellow('warning')
  return `${visibleText(place)} ${mark} ${visibleText(message)} ${colors.dim(`(${code})`)}`
}
