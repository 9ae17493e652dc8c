import { everything, type Demand } from '@lightflus/engine'

/**
 * What a column of values is known to hold: learned from the values, never declared. It is sent to the receiver as JSON.
 * `none`: no value was seen yet. `any`: what no column can hold (a Map, a Date, an instance of a class, an array with
 * holes), which goes as a structured clone. `bare`: plain objects of which no field is wanted. `unwanted`: a field of
 * objects that the receiver makes without it.
 */
export type ColumnType =
  | { readonly kind: 'none' | 'int' | 'float' | 'bool' | 'text' | 'null' | 'undefined' | 'any' | 'bare' | 'unwanted' }
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly fields: readonly ColumnType[] }
  | { readonly kind: 'list'; readonly item: ColumnType }
  /** One of several; at most one of each kind, but of objects. */
  | { readonly kind: 'union'; readonly variants: readonly ColumnType[] }

export type ObjectType = Extract<ColumnType, { kind: 'object' }>
export type UnionType = Extract<ColumnType, { kind: 'union' }>
export type ListType = Extract<ColumnType, { kind: 'list' }>

const none: ColumnType = { kind: 'none' }
const any: ColumnType = { kind: 'any' }
const unwanted: ColumnType = { kind: 'unwanted' }

/** Beyond these a value is `any`: an object that is a map of keys would have another type in each batch. */
const depthMax = 8
const fieldsMax = 128
const variantsMax = 8
/** Of a whole type, so that the code made for it stays small. */
const nodesMax = 400

/**
 * A type that holds all that `type` does, and these values, as far as they are wanted.
 * @param wanted the same for all that one type learns.
 */
export function learn(type: ColumnType, values: readonly unknown[], wanted: Demand = everything): ColumnType {
  let learned = type
  for (const value of values) learned = unify(learned, typeOf(value, 0, wanted))
  return nodesOf(learned) > nodesMax ? any : learned
}

/**
 * Whether an object is one that a column of objects can make anew: all that a structured clone takes over are its fields.
 * An object with a field `__proto__` is not plain, nor is one without a prototype. V8 answers this in a nanosecond, and
 * `Object.getPrototypeOf` in seven.
 */
export function isPlain(value: object): boolean {
  return (value as { readonly __proto__?: unknown }).__proto__ === Object.prototype
}

/** Whether an int32 holds it: it has none for -0. */
export function isInt(value: unknown): boolean {
  return typeof value === 'number' && (value | 0) === value && (value !== 0 || 1 / value > 0)
}

/** The fields that a structured clone takes over: `for in` finds inherited ones besides, which no clone has. */
export function fieldsOf(value: object): string[] {
  const keys: string[] = []
  for (const key in value) keys.push(key)
  return keys
}

/** An array of all its items and nothing besides. */
export function isDense(list: readonly unknown[]): boolean {
  let count = 0
  let last = ''
  // Indices come before all other keys, and rise.
  for (const key in list) {
    count++
    last = key
  }
  return count === list.length && (count === 0 || last === String(count - 1))
}

function typeOf(value: unknown, depth: number, wanted: Demand): ColumnType {
  switch (typeof value) {
    case 'number':
      return { kind: isInt(value) ? 'int' : 'float' }
    case 'string':
      return { kind: 'text' }
    case 'boolean':
      return { kind: 'bool' }
    case 'undefined':
      return { kind: 'undefined' }
    case 'object':
      if (value === null) return { kind: 'null' }
      if (depth === depthMax) return any
      if (Array.isArray(value)) return typeOfList(value, depth)
      return isPlain(value) ? typeOfObject(value, depth, wanted) : any
    default:
      return any
  }
}

function typeOfList(list: readonly unknown[], depth: number): ColumnType {
  if (!isDense(list)) return any
  let item = none
  for (const each of list) item = unify(item, typeOf(each, depth + 1, everything))
  return { kind: 'list', item }
}

function typeOfObject(value: object, depth: number, wanted: Demand): ColumnType {
  // No text is copied behind an exchange: who wants one wants the value.
  const isWhole = wanted.whole || wanted.text
  if (!isWhole && wanted.fields.size === 0) return { kind: 'bare' }
  const keys = fieldsOf(value)
  if (keys.length > fieldsMax || !keys.every((key) => Object.hasOwn(value, key))) return any
  const fields = keys.map((key) => {
    const inner = isWhole ? everything : wanted.fields.get(key)
    return inner ? typeOf(value[key as keyof typeof value], depth + 1, inner) : unwanted
  })
  return { kind: 'object', keys, fields }
}

function unify(one: ColumnType, other: ColumnType): ColumnType {
  if (one.kind === 'none') return other
  if (other.kind === 'none') return one
  if (one.kind === 'any' || other.kind === 'any') return any
  const variants = [...variantsOf(one)]
  for (const variant of variantsOf(other)) {
    const at = variants.findIndex((each) => isAlike(each, variant))
    if (at === -1) variants.push(variant)
    else variants[at] = merged(variants[at], variant)
  }
  if (variants.length === 1) return variants[0]
  return variants.length > variantsMax ? any : { kind: 'union', variants }
}

function variantsOf(type: ColumnType): readonly ColumnType[] {
  return type.kind === 'union' ? type.variants : [type]
}

function isNumber({ kind }: ColumnType): boolean {
  return kind === 'int' || kind === 'float'
}

/** Whether one variant of a union can stand for both. */
function isAlike(one: ColumnType, other: ColumnType): boolean {
  if (one.kind === 'object') return other.kind === 'object' && hasKeys(other, one.keys)
  return one.kind === other.kind || (isNumber(one) && isNumber(other))
}

function hasKeys({ keys }: ObjectType, others: readonly string[]): boolean {
  return keys.length === others.length && keys.every((key, index) => key === others[index])
}

function merged(one: ColumnType, other: ColumnType): ColumnType {
  if (one.kind === 'object' && other.kind === 'object')
    return { ...one, fields: one.fields.map((field, index) => unify(field, other.fields[index])) }
  if (one.kind === 'list' && other.kind === 'list') return { kind: 'list', item: unify(one.item, other.item) }
  return one.kind === other.kind ? one : { kind: 'float' }
}

function nodesOf(type: ColumnType): number {
  switch (type.kind) {
    case 'object':
      return type.fields.reduce((sum, field) => sum + nodesOf(field), 1)
    case 'union':
      return type.variants.reduce((sum, variant) => sum + nodesOf(variant), 1)
    case 'list':
      return 1 + nodesOf(type.item)
    default:
      return 1
  }
}
