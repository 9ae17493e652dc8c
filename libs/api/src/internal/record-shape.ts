import type { Json } from '../graph.ts'
import { isSchema, type ValueFormat } from '../formats.ts'

/**
 * What a schema surely asks of JSON, as a part of JSON Schema: `type`, `properties`, `required`, `items`, `enum`, `anyOf`. Where
 * it is not known what a schema takes (a default, a coercion, a transformation, another library's schema), nothing is asked.
 */
export type RecordShape = { readonly [keyword: string]: Json }

/** Zod's own description of a schema, as far as it is looked at. */
interface Definition {
  readonly type: string
  readonly coerce?: boolean
  readonly shape?: { readonly [field: string]: unknown }
  readonly element?: unknown
  readonly innerType?: unknown
  readonly entries?: { readonly [name: string]: unknown }
  readonly values?: readonly unknown[]
  readonly options?: readonly unknown[]
}

/** Deeper schemas are not looked into: one may hold itself. */
const depthMax = 8

/** Null where nothing is known. */
export function recordShape(format: ValueFormat<any>): RecordShape | null {
  if (!isSchema(format) || format['~standard'].vendor !== 'zod') return null
  return shapeOf(format, depthMax)
}

function shapeOf(schema: unknown, depth: number): RecordShape | null {
  const definition = (schema as { readonly _zod?: { readonly def?: Definition } } | null)?._zod?.def
  if (!definition || definition.coerce === true || depth === 0) return null
  const inner = (each: unknown) => shapeOf(each, depth - 1)
  switch (definition.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return { type: definition.type }
    case 'object':
      return objectShape(definition.shape ?? {}, inner)
    case 'array': {
      const items = inner(definition.element)
      return { type: 'array', ...(items && { items }) }
    }
    case 'enum':
      return enumShape(Object.values(definition.entries ?? {}))
    case 'literal':
      return enumShape(definition.values ?? [])
    case 'nullable':
      return anyOf([inner(definition.innerType), { type: 'null' }])
    case 'union':
      return anyOf((definition.options ?? []).map(inner))
    default:
      return null
  }
}

function objectShape(fields: NonNullable<Definition['shape']>, inner: (schema: unknown) => RecordShape | null) {
  const properties: { [field: string]: RecordShape } = {}
  const required: string[] = []
  for (const [name, schema] of Object.entries(fields)) {
    const definition = (schema as { readonly _zod?: { readonly def?: Definition } })._zod?.def
    const isOptional = definition?.type === 'optional'
    const shape = inner(isOptional ? definition.innerType : schema)
    if (shape) properties[name] = shape
    // Of what is not known it is not known either whether it may be absent.
    if (shape && !isOptional) required.push(name)
  }
  return { type: 'object', properties, required }
}

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const enumShape = (values: readonly unknown[]): RecordShape | null => (values.every(isPlain) ? { enum: values } : null)

/** Nothing is known of a choice where it is not known of one of its options. */
const anyOf = (shapes: readonly (RecordShape | null)[]): RecordShape | null =>
  shapes.every((shape) => shape !== null) ? { anyOf: shapes } : null
