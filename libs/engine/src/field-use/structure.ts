import type { StandardSchema } from '@lightflus/api'
import { valueKind } from '../scan/scan-types.ts'

/** What a schema accepts that says of each value what kind it is, and nothing else: it lets values pass as they are. */
export interface Structure {
  /** Bits `1 << valueKind`. */
  readonly accepts: number
  /**
   * Of objects: the fields that there may be, in the order that the schema gives them. All others are left out of what it
   * lets pass. Absent: of objects it takes none, or any as they are.
   */
  readonly fields?: ReadonlyMap<string, Structure>
  /** Infinity, which JSON can say as 1e999, is refused. */
  readonly isFinite?: true
}

const bit = (kind: keyof typeof valueKind): number => 1 << valueKind[kind]
const present = Object.values(valueKind).reduce<number>((bits, kind) => bits | (1 << kind), 0) & ~bit('missing')

/** How zod 4 describes a schema: https://zod.dev/packages/core#internals */
interface ZodSchema {
  readonly _zod: {
    readonly def: ZodDef
    readonly traits: ReadonlySet<string>
    readonly version: { readonly major: number }
  }
}

interface ZodDef {
  readonly type: string
  readonly shape?: Readonly<Record<string, ZodSchema>>
  readonly innerType?: ZodSchema
  readonly checks?: readonly unknown[]
}

/** Of each kind of schema the settings that only describe it. With any other it may do more than look at kinds. */
const harmless: ReadonlySet<string> = new Set(['type', 'error', 'shape', 'innerType', 'checks'])

/**
 * The structure of a schema, where that is all there is to it. For now of zod 4: objects that drop unknown fields,
 * strings, numbers, booleans, null, unknown, optional and nullable ones.
 * @returns undefined where it may look at values, change them, or is of another kind.
 */
export function structureOf(schema: StandardSchema): Structure | undefined {
  const { vendor } = schema['~standard']
  if (vendor !== 'zod' || !isZod(schema)) return undefined
  const structure = ofZod(schema)
  return structure && behavesAs(structure, schema) ? structure : undefined
}

function isZod(value: unknown): value is ZodSchema {
  const internals = (value as { readonly _zod?: Partial<ZodSchema['_zod']> } | null)?._zod
  return internals?.version?.major === 4 && internals.def !== undefined && internals.traits !== undefined
}

function ofZod({ _zod: { def, traits } }: ZodSchema): Structure | undefined {
  if (!Object.keys(def).every((name) => harmless.has(name)) || (def.checks ?? []).length > 0) return undefined
  switch (def.type) {
    case 'string':
      return { accepts: bit('string') }
    case 'number':
      return { accepts: bit('number'), isFinite: true }
    case 'boolean':
      return { accepts: bit('true') | bit('false') }
    case 'null':
      return { accepts: bit('null') }
    case 'unknown':
    case 'any':
      return { accepts: present }
    case 'nullable':
      return alsoAccepting(def.innerType, bit('null'))
    case 'optional':
      return traits.has('$ZodExactOptional') ? undefined : alsoAccepting(def.innerType, bit('missing'))
    case 'object':
      return ofShape(def.shape)
    default:
      return undefined
  }
}

function alsoAccepting(inner: ZodSchema | undefined, bits: number): Structure | undefined {
  const structure = inner && ofZod(inner)
  return structure && { ...structure, accepts: structure.accepts | bits }
}

function ofShape(shape: ZodDef['shape'] = {}): Structure | undefined {
  const fields = new Map<string, Structure>()
  for (const name of Reflect.ownKeys(shape)) {
    // What every object has by its prototype is there for a schema that reads it, though the text has it not.
    if (typeof name === 'symbol' || name in Object.prototype) return undefined
    const structure = ofZod(shape[name])
    if (structure === undefined) return undefined
    fields.set(name, structure)
  }
  return { accepts: bit('object'), fields }
}

/** Whether the schema says of some values what its structure says: one that was tampered with would not. */
function behavesAs(structure: Structure, schema: StandardSchema): boolean {
  const isAccepted = (value: unknown, seen: unknown = value) => {
    const result = schema['~standard'].validate(value)
    if (result instanceof Promise) {
      result.catch(() => {})
      return false
    }
    return !result.issues && JSON.stringify(result.value) === JSON.stringify(seen)
  }
  try {
    const whole = exampleOf(structure, { unknown: 1 })
    return isAccepted(whole, exampleOf(structure)) && wrongOf(structure).every((wrong) => !isAccepted(wrong))
  } catch {
    return false
  }
}

/** A value that is accepted, with fields that are not known. */
function exampleOf({ accepts, fields }: Structure, others: object = {}): unknown {
  if (fields) {
    const known = [...fields].map(([name, field]) => [name, exampleOf(field, others)])
    return { ...Object.fromEntries(known), ...(known.some(([name]) => String(name) in others) ? {} : others) }
  }
  if (accepts & bit('string')) return 'text'
  if (accepts & bit('number')) return 1.5
  return accepts & bit('true') ? true : null
}

/** Values that are accepted but for one field each. */
function wrongOf(structure: Structure): unknown[] {
  const { accepts, fields } = structure
  const itself = accepts & bit('array') ? [] : [[1]]
  const inner = [...(fields ?? [])].flatMap(([name, field]) =>
    wrongOf(field).map((wrong) => ({ ...(exampleOf(structure) as object), [name]: wrong })),
  )
  return [...itself, ...inner]
}
