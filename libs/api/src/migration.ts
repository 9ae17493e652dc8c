import { fitting, optional, resolveOptions, whole } from './internal/options.ts'
import { LightflusError } from './errors/lightflus-error.ts'
import type { StandardSchema } from './schema.ts'

/**
 * Makes a value of the present form out of one that a former version of the program kept: a function, which is told the
 * version that wrote the value, or a schema, which adds fields by their defaults and drops those that it does not know.
 * It must not wait for anything, and must give the same for the same value.
 */
export type Migration<V> = ((former: any, fromVersion: number) => V) | StandardSchema<any, V>

/** What of the program's own values is in a checkpoint, and how those of former versions become those of this one. */
export interface VersionOptions<V> {
  /**
   * Of the form of the values: raise it when the form changes. A whole number from 1 to 1000000. Default 1, which is also that of
   * values from before there was a version.
   */
  readonly version?: number
  /**
   * Called once for each value that has an older version, when the job starts from a checkpoint with such values, before it
   * reads anything. Needs a `version` above 1. Default: none, so that values of an older version are refused.
   */
  readonly migrate?: Migration<V>
}

const isMigration = (value: unknown): value is Migration<any> =>
  typeof value === 'function' || (typeof value === 'object' && value !== null && '~standard' in value)

export const versionRules = {
  version: optional(whole(1, 1_000_000), 1),
  migrate: optional(fitting(isMigration, 'a function, or a schema (Standard Schema)'), undefined),
}

/** @throws LF_PROGRAM_OPTION where there is nothing that could be migrated. */
export function requireVersion(owner: string, { version, migrate }: VersionOptions<unknown>): void {
  if (migrate === undefined || (version ?? 1) > 1) return
  throw new LightflusError('LF_PROGRAM_OPTION', `${owner}: migrate can do nothing without a version above 1.`, {
    nextStep: 'Raise the version with each change of the form: `{ version: 2, migrate: … }`.',
  })
}

/** As an object has them: absent where they say nothing. */
export function versionOf<V>(owner: string, given: VersionOptions<V>): VersionOptions<V> {
  const { version, migrate } = resolveOptions(owner, { version: given.version, migrate: given.migrate }, versionRules)
  requireVersion(owner, { version, migrate })
  return { ...(version > 1 && { version }), ...(migrate && { migrate: migrate as Migration<V> }) }
}
