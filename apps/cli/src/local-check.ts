import { relative, resolve } from 'node:path'
import {
  checkFile,
  closeCompiler,
  hasError,
  projectRoot,
  type CheckedProgram,
  type Diagnostic,
  type ValidProgram,
} from '@lightflus/compiler'
import { diagnosticText, invalidProgram } from './diagnostics.ts'
import type { Io } from './io.ts'
import type { Printer } from './printer.ts'

export interface LocalCheck {
  readonly io: Io
  readonly printer: Printer
  readonly program: string
  readonly types: boolean
}

/** Checks a program of this machine; files in the result are named as seen from the working folder. */
export async function checkedProgram({ io, program, types }: Omit<LocalCheck, 'printer'>): Promise<CheckedProgram> {
  const path = resolve(io.workingFolder, program)
  try {
    const checked = await checkFile(path, { types })
    return { ...checked, diagnostics: seenFrom(io.workingFolder, path, checked.diagnostics) }
  } finally {
    await closeCompiler()
  }
}

/** As {@link checkedProgram}, with what is wrong shown on standard error. @throws LF_PROGRAM_INVALID when there are errors. */
export async function validProgram(check: LocalCheck): Promise<ValidProgram> {
  const checked = await checkedProgram(check)
  for (const diagnostic of checked.diagnostics) check.io.err(`${diagnosticText(check.printer.colors, diagnostic)}\n`)
  if (checked.graph === null || hasError(checked.diagnostics)) throw invalidProgram(check.program, checked.diagnostics)
  return checked
}

/** Diagnostics name files from the project's folder; a terminal links them only from the working folder. */
export function seenFrom(folder: string, program: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const root = projectRoot(program)
  return diagnostics.map((diagnostic) => ({ ...diagnostic, file: relative(folder, resolve(root, diagnostic.file)) }))
}
