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
  return new LightflusError('LF_PROGRAM_INVALID', countText(program, errorsOf(diagnostics)), {
    details: { codes: [...new Set(errorsOf(diagnostics).map(({ code }) => code))] },
    nextStep: `Mend what is listed above; \`lightflus check ${program}\` checks again.`,
  })
}

/** The same, listing what is wrong. */
export function listedProgramErrors(program: string, diagnostics: readonly Diagnostic[]): LightflusError {
  const errors = errorsOf(diagnostics)
  const problems = errors.map((error) => `${placeOf(error)}: ${error.message} (${error.code})`)
  return new LightflusError('LF_PROGRAM_INVALID', countText(program, errors), {
    details: { problems },
    nextStep: `Mend what is listed; \`lightflus check ${program}\` checks again.`,
  })
}

const errorsOf = (diagnostics: readonly Diagnostic[]) => diagnostics.filter(({ severity }) => severity === 'error')
const countText = (program: string, errors: readonly Diagnostic[]): string =>
  `${program} has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}.`
const placeOf = ({ file, line, column }: Diagnostic): string =>
  line === null ? file : `${file}:${line}:${column ?? 1}`

/** One line, with the place in the form that terminals and editors link. */
export function diagnosticText(colors: Colors, diagnostic: Diagnostic): string {
  const { severity, code, message } = diagnostic
  const mark = severity === 'error' ? colors.red('error') : colors.yellow('warning')
  return `${visibleText(placeOf(diagnostic))} ${mark} ${visibleText(message)} ${colors.dim(`(${code})`)}`
}
