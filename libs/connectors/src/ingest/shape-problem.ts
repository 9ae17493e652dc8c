import type { Json } from '@lightflus/api'

/** The part of JSON Schema that `ingest.source` writes into the graph: see libs/api/src/internal/record-shape.ts. */
export interface Shape {
  readonly type?: string
  readonly properties?: { readonly [field: string]: Shape }
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly enum?: readonly Json[]
  readonly anyOf?: readonly Shape[]
}

export interface ShapeProblem {
  /** Of the field; empty: the record itself. */
  readonly path: string
  readonly message: string
}

const articles: { readonly [type: string]: string } = { object: 'an object', array: 'a list', null: 'null' }

function typeOf(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

const below = (path: string, part: string): string => (path === '' ? part : `${path}.${part}`)

/** The first thing about a value that the shape does not allow; undefined: all is well. */
export function shapeProblem(shape: Shape, value: Json, path = ''): ShapeProblem | undefined {
  if (shape.anyOf) {
    const problems = shape.anyOf.map((each) => shapeProblem(each, value, path))
    if (problems.includes(undefined)) return undefined
    // What lies deeper is of the option that was meant.
    return problems.reduce((one, other) => (other!.path.length > one!.path.length ? other : one))
  }
  if (shape.enum) {
    if (shape.enum.includes(value)) return undefined
    return { path, message: `must be one of ${shape.enum.map((each) => JSON.stringify(each)).join(', ')}` }
  }
  if (shape.type !== undefined && typeOf(value) !== shape.type)
    return { path, message: `must be ${articles[shape.type] ?? `a ${shape.type}`}, not ${typeOf(value)}` }
  if (Array.isArray(value)) return firstOf(value, (each, index) => itemProblem(shape, each, below(path, String(index))))
  return shape.type === 'object' ? fieldProblem(shape, value as { readonly [field: string]: Json }, path) : undefined
}

const itemProblem = ({ items }: Shape, value: Json, path: string) => items && shapeProblem(items, value, path)

function fieldProblem(
  { properties = {}, required = [] }: Shape,
  value: { readonly [field: string]: Json },
  path: string,
): ShapeProblem | undefined {
  const missing = required.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) return { path: below(path, missing), message: 'is missing' }
  return firstOf(Object.entries(properties), ([name, shape]) =>
    Object.hasOwn(value, name) ? shapeProblem(shape, value[name], below(path, name)) : undefined,
  )
}

function firstOf<T>(values: readonly T[], problemOf: (value: T, index: number) => ShapeProblem | undefined) {
  for (const [index, value] of values.entries()) {
    const problem = problemOf(value, index)
    if (problem) return problem
  }
  return undefined
}
