import { aligned } from '../views.ts'
import { fixedBytes, keysRead, layOut, type Leaf, type ObjectLayout, type ObjectNode } from './object-layout.ts'
import { mismatch, overflow, type Column, type ColumnSpace } from './column.ts'
import type { ObjectType } from './column-type.ts'

/**
 * Objects of one type by functions that are made for it: one loop reads every field where it is and writes it where it
 * belongs, and one loop makes the objects as literals, so that all have one shape. Against the plain form
 * (plain-object-column.ts), which it must equal, a fifth of the time; structured clone takes ten times as long.
 *
 * Field names get into the functions' text as JSON only.
 */
export function objectColumn(type: ObjectType, columnOf: (leaf: Leaf) => Column): Column {
  const layout = layOut(type)
  const others = layout.others.map(columnOf)
  const writeObjects = writer(layout)
  const readObjects = reader(layout)
  return {
    write(values, space, position, end) {
      const count = values.length
      let next = position + fixedBytes(layout, count)
      if (next > end) return overflow
      const parts = others.map(() => new Array<unknown>(count))
      if (!writeObjects(values, space.views, startsOf(layout, count, position), parts)) return mismatch
      for (let i = 0; i < others.length; i++) {
        next = others[i].write(parts[i], space, next, end)
        if (next < 0) return next
      }
      return next
    },
    read(count, space, position) {
      const parts: unknown[][] = []
      space.position = position + fixedBytes(layout, count)
      for (const column of others) parts.push(column.read(count, space, space.position))
      return readObjects(count, space.views, startsOf(layout, count, position), parts)
    },
  }
}

/** Index of each fixed leaf's first value, in the view of its width. */
function startsOf({ fixed }: ObjectLayout, count: number, position: number): number[] {
  const starts: number[] = []
  let at = position
  for (const { width } of fixed) {
    starts.push(at / width!)
    at += aligned(width! * count)
  }
  return starts
}

type Views = ColumnSpace['views']
type WriteObjects = (
  values: readonly unknown[],
  views: Views,
  starts: readonly number[],
  parts: readonly unknown[][],
) => boolean
type ReadObjects = (
  count: number,
  views: Views,
  starts: readonly number[],
  parts: readonly (readonly unknown[])[],
) => unknown[]

const prologue = (layout: ObjectLayout) => `
  const { bytes, i32, f64 } = views
  ${layout.fixed.map((_, index) => `const s${index} = starts[${index}]`).join('\n  ')}
  ${layout.others.map((_, index) => `const p${index} = parts[${index}]`).join('\n  ')}`

/** False: an object is not of the type. */
function writer(layout: ObjectLayout): WriteObjects {
  const keys = layout.nodes.map(({ type }) => type.keys)
  const text = `'use strict'
${keys.map((each, node) => `const keys${node} = keys[${node}]`).join('\n')}
return (values, views, starts, parts) => {${prologue(layout)}
  for (let i = 0; i < values.length; i++) {
    ${layout.nodes.map(checkObject).join('')}${layout.fixed.map(writeFixed).join('')}${layout.others.map(writeOther).join('')}
  }
  return true
}`
  return new Function('keys', 'plain', text)(keys, Object.prototype) as WriteObjects
}

/** Takes the object `o<number>` and sees that its fields are those of its type, in their order. */
function checkObject({ number, within, type }: ObjectNode): string {
  const found = within ? `o${within.node}[${JSON.stringify(within.key)}]` : 'values[i]'
  return `const o${number} = ${found}
    if (typeof o${number} !== 'object' || o${number} === null || o${number}.__proto__ !== plain) return false
    let k${number} = 0
    for (const key in o${number}) if (key !== keys${number}[k${number}++]) return false
    if (k${number} !== ${type.keys.length}) return false
    `
}

function writeFixed({ node, key, type }: Leaf, index: number): string {
  const taken = `const v${index} = o${node}[${JSON.stringify(key)}]
    if (typeof v${index} !== ${type.kind === 'bool' ? "'boolean'" : "'number'"}) return false
    `
  switch (type.kind) {
    case 'int':
      return `${taken}if ((v${index} | 0) !== v${index} || (v${index} === 0 && 1 / v${index} < 0)) return false
    i32[s${index} + i] = v${index}
    `
    case 'float':
      return `${taken}f64[s${index} + i] = v${index}
    `
    default:
      return `${taken}bytes[s${index} + i] = v${index} ? 1 : 0
    `
  }
}

function writeOther({ node, key }: Leaf, index: number): string {
  return `p${index}[i] = o${node}[${JSON.stringify(key)}]
    `
}

function reader(layout: ObjectLayout): ReadObjects {
  const text = `'use strict'
return (count, views, starts, parts) => {${prologue(layout)}
  const values = new Array(count)
  for (let i = 0; i < count; i++) values[i] = ${literal(layout, layout.nodes[0])}
  return values
}`
  return new Function(text)() as ReadObjects
}

function literal(layout: ObjectLayout, node: ObjectNode): string {
  const isField =
    (key: string) =>
    (leaf: Leaf): boolean =>
      leaf.node === node.number && leaf.key === key
  const field = (key: string): string => {
    const nested = layout.nodes.find(({ within }) => within?.node === node.number && within.key === key)
    if (nested) return literal(layout, nested)
    const fixed = layout.fixed.findIndex(isField(key))
    if (fixed === -1) return `p${layout.others.findIndex(isField(key))}[i]`
    const { kind } = layout.fixed[fixed].type
    if (kind === 'int') return `i32[s${fixed} + i]`
    return kind === 'float' ? `f64[s${fixed} + i]` : `bytes[s${fixed} + i] === 1`
  }
  return `{ ${keysRead(node.type)
    .map((key) => `${JSON.stringify(key)}: ${field(key)}`)
    .join(', ')} }`
}
