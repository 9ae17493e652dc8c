import { aligned } from '../views.ts'
import { mismatch, overflow, type Column } from './column.ts'
import { fieldsOf, isPlain, type ColumnType, type UnionType } from './column-type.ts'

/** Values of several types: for each its variant's number, then how many there are of each variant, and these as columns. */
export function unionColumn({ variants }: UnionType, columns: readonly Column[]): Column {
  const find = variantFinder(variants)
  return {
    write(values, space, position, end) {
      const { bytes, i32 } = space.views
      const count = values.length
      const countsAt = aligned(position + count)
      let next = aligned(countsAt + 4 * columns.length)
      if (next > end) return overflow
      const parts = columns.map((): unknown[] => [])
      for (let i = 0; i < count; i++) {
        const variant = find(values[i])
        if (variant === -1) return mismatch
        bytes[position + i] = variant
        parts[variant].push(values[i])
      }
      for (let variant = 0; variant < columns.length; variant++) {
        i32[(countsAt >> 2) + variant] = parts[variant].length
        next = columns[variant].write(parts[variant], space, next, end)
        if (next < 0) return next
      }
      return next
    },
    read(count, space, position) {
      const { bytes, i32 } = space.views
      const countsAt = aligned(position + count)
      space.position = aligned(countsAt + 4 * columns.length)
      const parts = columns.map((column, variant) => column.read(i32[(countsAt >> 2) + variant], space, space.position))
      const taken = new Int32Array(columns.length)
      const values = new Array<unknown>(count)
      for (let i = 0; i < count; i++) {
        const variant = bytes[position + i]
        values[i] = parts[variant][taken[variant]++]
      }
      return values
    },
  }
}

/** The number of the variant that a value would belong to, as far as can be told without looking at its fields' values. */
function variantFinder(variants: readonly ColumnType[]): (value: unknown) => number {
  const numberOf = (...kinds: ColumnType['kind'][]) => variants.findIndex(({ kind }) => kinds.includes(kind))
  const ofNumber = numberOf('int', 'float')
  const ofText = numberOf('text')
  const ofBool = numberOf('bool')
  const ofUndefined = numberOf('undefined')
  const ofNull = numberOf('null')
  const ofList = numberOf('list')
  const ofBare = numberOf('bare')
  const objects = variants.flatMap((type, number) => (type.kind === 'object' ? [{ keys: type.keys, number }] : []))
  const findObject = (value: object): number => {
    // What is wanted of one object is wanted of all.
    if (ofBare !== -1) return ofBare
    if (objects.length === 1) return objects[0].number
    const keys = fieldsOf(value)
    const found = objects.find(
      (each) => each.keys.length === keys.length && each.keys.every((key, i) => key === keys[i]),
    )
    return found?.number ?? -1
  }
  return (value) => {
    switch (typeof value) {
      case 'number':
        return ofNumber
      case 'string':
        return ofText
      case 'boolean':
        return ofBool
      case 'undefined':
        return ofUndefined
      case 'object':
        if (value === null) return ofNull
        if (Array.isArray(value)) return ofList
        return isPlain(value) ? findObject(value) : -1
      default:
        return -1
    }
  }
}
