import type { CheckedProgram, Program, ValidProgram } from '@lightflus/compiler'
import type { Diagnostic } from '@lightflus/contracts'
import { Injectable } from '@nestjs/common'
import { ListedError } from '../../http/listed-error.ts'

/** Checks a program: types, imports, and its graph, built in the compiler's sandbox. */
@Injectable()
export class CheckProgram {
  async execute(program: Program): Promise<CheckedProgram> {
    // Loaded with the first program: the compiler is the heaviest part of the platform, and an idle one needs it not.
    const { checkProgram } = await import('@lightflus/compiler')
    return checkProgram(program)
  }

  /** @throws LF_PROGRAM_INVALID, which lists every error with its place */
  async require(program: Program): Promise<ValidProgram> {
    const checked = await this.execute(program)
    if (checked.bundle !== null) return checked
    const errors = checked.diagnostics.filter(({ severity }) => severity === 'error')
    const count = errors.length === 1 ? 'an error' : `${errors.length} errors`
    const [first] = errors
    throw new ListedError(
      'LF_PROGRAM_INVALID',
      `${program.fileName} has ${count}; ${placeOf(first)}: ${first.message}`,
      errors.map((error) => ({ path: placeOf(error), code: error.code, message: error.message })),
    )
  }
}

function placeOf({ file, line, column }: Diagnostic): string {
  return [file, line, column].filter((part) => part !== null).join(':')
}
