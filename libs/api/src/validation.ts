import type { SourceFunctions } from './definition.ts'
import { LightflusError } from './errors/lightflus-error.ts'
import { isSchema, type ValueFormat } from './formats.ts'
import { oneOf, optional } from './internal/options.ts'

/** How much of each record is checked against the schema. */
export type Validation = 'all' | 'used' | 'off'

export interface ValidationOptions {
  /**
   * `'all'` (default): every field that the schema knows, whether the program uses it or not; a record that it refuses is
   * an error, or skipped. `'used'`: at least the fields that the program uses, so that the others need not be looked at;
   * which these are is shown by `lightflus graph`. `'off'`: nothing, and the record is what was decoded, for data that
   * was checked before it was written: the schema then is no more than its type, so it may not change what it validates.
   */
  readonly validate?: Validation
}

export const validationRule = optional(oneOf('all', 'used', 'off'), 'all' as const)

/**
 * The graph's form of the option.
 * @throws LF_PROGRAM_OPTION where it could never do anything.
 */
export function validationForm(
  owner: string,
  validate: Validation,
  value: ValueFormat<unknown> | undefined,
): { readonly validate?: Validation } {
  if (validate === 'all') return {}
  if (value !== undefined && isSchema(value)) return { validate }
  throw new LightflusError('LF_PROGRAM_OPTION', `${owner}: validate '${validate}' goes with a schema as its value.`)
}

/** A source's functions without its schema, where nothing is to be validated. */
export function validating(validate: Validation, functions: SourceFunctions): SourceFunctions {
  if (validate !== 'off') return functions
  const { schema: _, ...others } = functions
  return others
}
