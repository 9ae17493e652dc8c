import { aligned } from '../views.ts'
import type { ColumnType, ObjectType } from './column-type.ts'

/** Bytes that a value takes in a column of fixed width, which is written in the loop over the objects itself. */
const widths: { readonly [kind in ColumnType['kind']]?: number } = { int: 4, float: 8, bool: 1 }

/** An object within the objects of a column, or these themselves (number 0): where it is, and what it has. */
export interface ObjectNode {
  readonly number: number
  /** The object that it is a field of, and that field's key; undefined for the objects themselves. */
  readonly within: { readonly node: number; readonly key: string } | undefined
  readonly type: ObjectType
}

/** A field that is no object: with a width of its own, or written as a column of its own after all of those. */
export interface Leaf {
  readonly node: number
  readonly key: string
  readonly type: ColumnType
  readonly width: number | undefined
}

/**
 * How a column of objects lies in memory: first the leaves of fixed width, each as wide as there are objects, and each
 * starting at a multiple of 8; then the other leaves' columns. Both in the order of the fields, those of a nested object
 * in its place.
 */
export interface ObjectLayout {
  readonly nodes: readonly ObjectNode[]
  readonly fixed: readonly Leaf[]
  readonly others: readonly Leaf[]
}

export function layOut(type: ObjectType): ObjectLayout {
  const nodes: ObjectNode[] = []
  const leaves: Leaf[] = []
  const add = (type: ObjectType, within: ObjectNode['within']): void => {
    const number = nodes.push({ number: nodes.length, within, type }) - 1
    type.keys.forEach((key, index) => {
      const field = type.fields[index]
      if (field.kind === 'object') add(field, { node: number, key })
      else if (field.kind !== 'unwanted') leaves.push({ node: number, key, type: field, width: widths[field.kind] })
    })
  }
  add(type, undefined)
  return {
    nodes,
    fixed: leaves.filter(({ width }) => width !== undefined),
    others: leaves.filter(({ width }) => width === undefined),
  }
}

/** The fields of an object that is read. */
export function keysRead({ keys, fields }: ObjectType): readonly string[] {
  return keys.filter((_, index) => fields[index].kind !== 'unwanted')
}

/** What the leaves of fixed width take for so many objects. */
export function fixedBytes({ fixed }: ObjectLayout, count: number): number {
  return fixed.reduce((sum, { width }) => sum + aligned(width! * count), 0)
}
