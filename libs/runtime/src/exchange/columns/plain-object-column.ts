import { aligned } from '../views.ts'
import { keysRead, layOut, type Leaf } from './object-layout.ts'
import { mismatch, overflow, type Column } from './column.ts'
import { fieldsOf, isInt, isPlain, type ObjectType } from './column-type.ts'

type Fields = { [key: string]: unknown }

/** What object-column.ts must equal, byte for byte, without making code: for tests, and to be read. */
export function plainObjectColumn(type: ObjectType, columnOf: (leaf: Leaf) => Column): Column {
  const { nodes, fixed, others } = layOut(type)
  const columns = others.map(columnOf)
  /** The object of each node within an object of the column, or undefined where it is not of the type. */
  const nodesIn = (value: unknown): Fields[] | undefined => {
    const found: Fields[] = []
    for (const { within, type } of nodes) {
      const object = within ? found[within.node][within.key] : value
      if (typeof object !== 'object' || object === null || !isPlain(object)) return undefined
      const keys = fieldsOf(object)
      if (keys.length !== type.keys.length || keys.some((key, index) => key !== type.keys[index])) return undefined
      found.push(object as Fields)
    }
    return found
  }
  return {
    write(values, space, position, end) {
      const { bytes, i32, f64 } = space.views
      const objects = values.map(nodesIn)
      if (!objects.every((each) => each !== undefined)) return mismatch
      let next = position
      for (const { node, key, type, width } of fixed) {
        const at = next / width!
        next = aligned(next + width! * values.length)
        if (next > end) return overflow
        for (let i = 0; i < values.length; i++) {
          const value = objects[i][node][key]
          if (type.kind === 'int' ? !isInt(value) : typeof value !== (type.kind === 'float' ? 'number' : 'boolean'))
            return mismatch
          if (type.kind === 'int') i32[at + i] = value as number
          else if (type.kind === 'float') f64[at + i] = value as number
          else bytes[at + i] = value ? 1 : 0
        }
      }
      for (const [index, { node, key }] of others.entries()) {
        const part = objects.map((each) => each[node][key])
        next = columns[index].write(part, space, next, end)
        if (next < 0) return next
      }
      return next
    },
    read(count, space, position) {
      const { bytes, i32, f64 } = space.views
      const made = Array.from({ length: count }, () => nodes.map((): Fields => ({})))
      const parts = new Map<Leaf, readonly unknown[]>()
      let next = position
      for (const leaf of fixed) {
        const at = next / leaf.width!
        const { kind } = leaf.type
        parts.set(
          leaf,
          made.map((_, i) => (kind === 'int' ? i32[at + i] : kind === 'float' ? f64[at + i] : bytes[at + i] === 1)),
        )
        next = aligned(next + leaf.width! * count)
      }
      space.position = next
      for (const [index, leaf] of others.entries()) parts.set(leaf, columns[index].read(count, space, space.position))
      const leaves = [...fixed, ...others]
      return made.map((objects, i) => {
        for (const { number, type } of nodes)
          for (const key of keysRead(type)) {
            const nested = nodes.find(({ within }) => within?.node === number && within.key === key)
            const leaf = leaves.find((each) => each.node === number && each.key === key)
            objects[number][key] = nested ? objects[nested.number] : parts.get(leaf!)![i]
          }
        return objects[0]
      })
    },
  }
}
