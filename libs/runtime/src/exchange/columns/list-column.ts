import { aligned } from '../views.ts'
import { mismatch, overflow, type Column } from './column.ts'
import { isDense } from './column-type.ts'

/** Arrays: their lengths, the number of all items, and the items of all as one column. */
export function listColumn(item: Column): Column {
  return {
    write(values, space, position, end) {
      const { i32 } = space.views
      const count = values.length
      const lengthsAt = position + 8
      const itemsAt = aligned(lengthsAt + 4 * count)
      if (itemsAt > end) return overflow
      const items: unknown[] = []
      for (let i = 0; i < count; i++) {
        const list = values[i]
        if (!Array.isArray(list) || !isDense(list)) return mismatch
        i32[(lengthsAt >> 2) + i] = list.length
        for (let j = 0; j < list.length; j++) items.push(list[j])
      }
      i32[position >> 2] = items.length
      return item.write(items, space, itemsAt, end)
    },
    read(count, space, position) {
      const { i32 } = space.views
      const lengthsAt = position + 8
      const items = item.read(i32[position >> 2], space, aligned(lengthsAt + 4 * count))
      const values = new Array<unknown>(count)
      let start = 0
      for (let i = 0; i < count; i++) {
        const end = start + i32[(lengthsAt >> 2) + i]
        values[i] = items.slice(start, end)
        start = end
      }
      return values
    },
  }
}
