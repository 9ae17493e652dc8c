import type { OperatorDefinition } from '@lightflus/api'
import { nothing, type Demand } from '../field-use/demand.ts'
import type { ResultShape } from '../field-use/function-use.ts'
import type { JobUse } from '../field-use/job-use.ts'
import type { ScanSlot } from '../scan/scan-types.ts'

/** How what a sink writes of a record comes about. */
export type WrittenShape =
  /** The text that was scanned there, if one was. `isRead`: functions of the program have the value itself, too. */
  | { readonly kind: 'text'; readonly slot: number; readonly isRead: boolean }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, WrittenShape> }
  /** Whatever is there. */
  | { readonly kind: 'value' }

const computed: ResultShape = { kind: 'computed' }

/**
 * How what a sink writes is made of the source's records by the functions between the two.
 * @param way operators behind the source in their order, the sink last.
 * @param encoded name of the sink's function whose results are written; without it records are written as they are.
 */
export function shapeAlong(way: readonly OperatorDefinition[], encoded: string, use: JobUse): ResultShape {
  let shape: ResultShape = { kind: 'path', path: [] }
  for (const { node } of way) {
    const functions = use.functions.get(node.id)!
    if (node.kind === 'map') {
      shape = composed(shape, functions.get('fn')?.result ?? computed)
      shape = unchanged(shape, use.outputs.get(node.id)!.demand)
    } else if (node.kind === 'flatMap') shape = computed
    else if (node.kind === 'sink') {
      const own = functions.get(encoded)
      if (own) shape = composed(shape, own.result)
    }
  }
  return shape
}

/** What a function of this result makes of what has come about in that way. */
function composed(inner: ResultShape, outer: ResultShape): ResultShape {
  switch (outer.kind) {
    case 'computed':
      return computed
    case 'object':
      return {
        kind: 'object',
        fields: new Map([...outer.fields].map(([name, field]) => [name, composed(inner, field)])),
      }
    case 'path':
      return outer.path.reduce(fieldOf, inner)
  }
}

function fieldOf(shape: ResultShape, name: string): ResultShape {
  if (shape.kind === 'path') return { kind: 'path', path: [...shape.path, name] }
  return (shape.kind === 'object' ? shape.fields.get(name) : undefined) ?? computed
}

/** Whoever wants a whole object may have put something else into it before it is written. */
function unchanged(shape: ResultShape, wanted: Demand): ResultShape {
  if (shape.kind !== 'object') return shape
  if (wanted.whole) return computed
  const fields = [...shape.fields].map(
    ([name, field]) => [name, unchanged(field, wanted.fields.get(name) ?? nothing)] as const,
  )
  return { kind: 'object', fields: new Map(fields) }
}

/**
 * The shape with texts in place of paths, wherever the texts that are scanned may be written.
 * @param scanned the demand that the records are made by.
 * @returns undefined where nothing can be told of what is written.
 */
export function writtenShape(
  shape: ResultShape,
  scanned: Demand,
  slots: readonly ScanSlot[],
): WrittenShape | undefined {
  const written = leaves(shape, scanned, slots)
  return written.kind === 'value' ? undefined : written
}

function leaves(shape: ResultShape, scanned: Demand, slots: readonly ScanSlot[]): WrittenShape {
  if (shape.kind === 'computed') return { kind: 'value' }
  if (shape.kind === 'object')
    return {
      kind: 'object',
      fields: new Map([...shape.fields].map(([name, field]) => [name, leaves(field, scanned, slots)])),
    }
  const { path } = shape
  let demand: Demand | undefined = scanned
  for (const name of path) {
    // What is in an object that someone has whole may be another value by now.
    if (demand?.whole) return { kind: 'value' }
    demand = demand?.fields.get(name)
  }
  const slot = slots.findIndex(
    (each) => each.path.length === path.length && path.every((name, at) => each.path[at] === name),
  )
  if (demand?.text !== true || slot === -1) return { kind: 'value' }
  return { kind: 'text', slot, isRead: demand.whole }
}
