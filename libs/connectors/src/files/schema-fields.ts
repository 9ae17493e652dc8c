import type { StandardSchema } from '@lightflus/api'

/** What zod 4 tells of a schema; other libraries tell nothing that can be relied on. */
interface ZodDefinition {
  readonly type: string
  readonly shape?: Readonly<Record<string, unknown>>
  readonly catchall?: unknown
  readonly innerType?: unknown
  readonly in?: unknown
}

const wrappers = new Set(['optional', 'nullable', 'readonly'])

/**
 * The fields of an object that a schema looks at: it drops the others unseen, so nobody has to make them. Undefined where
 * it may look at any.
 */
export function schemaFields(schema: StandardSchema | undefined): ReadonlySet<string> | undefined {
  if (schema?.['~standard'].vendor !== 'zod') return undefined
  return fieldsOf(schema)
}

function fieldsOf(schema: unknown): ReadonlySet<string> | undefined {
  const definition = (schema as { readonly _zod?: { readonly def?: ZodDefinition } })._zod?.def
  if (definition === undefined) return undefined
  const { type, shape, catchall, innerType, in: input } = definition
  if (type === 'object') return shape && catchall === undefined ? new Set(Object.keys(shape)) : undefined
  if (wrappers.has(type)) return fieldsOf(innerType)
  // What a schema is piped into is given what the first one has left.
  return type === 'pipe' ? fieldsOf(input) : undefined
}
