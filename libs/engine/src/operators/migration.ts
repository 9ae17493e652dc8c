import { isLightflusError, LightflusError, type Key, type Migration } from '@lightflus/api'
import type { OperatorContext } from './operator.ts'
import { isThenable, messageOf } from './record-failures.ts'

/** Makes a value of the program's version out of one of a checkpoint's. `key` is null where it belongs to none. */
export type Migrate = (value: unknown, key: Key | null) => unknown

/** Which versions the program can take. */
export function canMigrate(from: number, to: number, migration: Migration<unknown> | undefined): boolean {
  return from === to || (from < to && migration !== undefined)
}

/**
 * Calls a migration of the program, whatever it is.
 * @param what the values are of, for messages: `state profile`
 * @throws from what it gives: LF_STATE_MIGRATION, naming operator, state and key
 */
export function migrateWith(
  { job, operator }: OperatorContext,
  what: string,
  { from, to, migration }: { readonly from: number; readonly to: number; readonly migration: Migration<unknown> },
): Migrate {
  const { id } = operator.node
  return (value, key) => {
    try {
      const migrated = isSchema(migration) ? validated(migration, value) : migration(value, from)
      if (isThenable(migrated)) {
        migrated.then(undefined, () => {})
        throw new Error('it gave a promise, and nothing waits for one.')
      }
      return migrated
    } catch (thrown) {
      if (isLightflusError(thrown) && thrown.code === 'LF_STATE_MIGRATION') throw thrown
      const ofKey = key === null ? '' : ` of key ${JSON.stringify(key)}`
      throw new LightflusError(
        'LF_STATE_MIGRATION',
        `Job ${job}, operator ${id}: the value of ${what}${ofKey} cannot be migrated from version ${from} to ${to}: ${messageOf(thrown)}`,
        { details: { job, operator: id, state: what, key, from, to }, cause: thrown },
      )
    }
  }
}

type Schema = Extract<Migration<unknown>, { readonly '~standard': unknown }>

/** Schemas may be functions, too. */
const isSchema = (migration: Migration<unknown>): migration is Schema => '~standard' in migration

function validated(schema: Schema, value: unknown): unknown {
  const result = schema['~standard'].validate(value)
  if (isThenable(result)) return result
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(({ message, path = [] }) =>
    path.length === 0 ? message : `${path.map(nameOf).join('.')}: ${message}`,
  )
  throw new Error(`the schema refuses it: ${issues.join('; ')}`)
}

const nameOf = (part: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof part === 'object' ? part.key : part)
