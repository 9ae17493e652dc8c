import { checkProgram } from '../check-program.ts'
import type { CheckedProgram, CheckOptions, Diagnostic } from '../program.ts'

/** A program around some statements of its top level and of its build function. */
export function programText({ top = '', build = '' }: { top?: string; build?: string }): string {
  return `import { count, generator, job, table } from 'lightflus'
${top}
export default job('test', (flow) => {
  ${build}
  flow.source(generator.source({ generate: (index: number) => index, count: 1 })).sinkTo(table.sink({ row: (n) => ({ n }) }))
})
`
}

export function check(text: string, options?: CheckOptions): Promise<CheckedProgram> {
  return checkProgram({ fileName: 'test.ts', text }, options)
}

/** Diagnostics as lines: `test.ts:2:7 LF_PROGRAM_TYPE error: message`. */
export function lines(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(
    ({ file, line, column, code, severity, message }) =>
      `${file}:${line ?? '-'}:${column ?? '-'} ${code} ${severity}: ${message}`,
  )
}
