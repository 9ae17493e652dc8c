import { aligned } from '../views.ts'
import { mismatch, overflow, type Column } from './column.ts'
import { isInt, isPlain } from './column-type.ts'

/** Columns whose values all take the same room, as columns of their own: keys, items of lists. */

export const intColumn: Column = {
  write(values, { views: { i32 } }, position, end) {
    const count = values.length
    if (position + 4 * count > end) return overflow
    const at = position >> 2
    for (let i = 0; i < count; i++) {
      const value = values[i]
      if (!isInt(value)) return mismatch
      i32[at + i] = value as number
    }
    return aligned(position + 4 * count)
  },
  read(count, space, position) {
    const { i32 } = space.views
    const values = new Array<unknown>(count)
    const at = position >> 2
    for (let i = 0; i < count; i++) values[i] = i32[at + i]
    space.position = aligned(position + 4 * count)
    return values
  },
}

export const floatColumn: Column = {
  write(values, { views: { f64 } }, position, end) {
    const count = values.length
    if (position + 8 * count > end) return overflow
    const at = position >> 3
    for (let i = 0; i < count; i++) {
      const value = values[i]
      if (typeof value !== 'number') return mismatch
      f64[at + i] = value
    }
    return position + 8 * count
  },
  read(count, space, position) {
    const { f64 } = space.views
    const values = new Array<unknown>(count)
    const at = position >> 3
    for (let i = 0; i < count; i++) values[i] = f64[at + i]
    space.position = position + 8 * count
    return values
  },
}

export const boolColumn: Column = {
  write(values, { views: { bytes } }, position, end) {
    const count = values.length
    if (position + count > end) return overflow
    for (let i = 0; i < count; i++) {
      const value = values[i]
      if (typeof value !== 'boolean') return mismatch
      bytes[position + i] = value ? 1 : 0
    }
    return aligned(position + count)
  },
  read(count, space, position) {
    const { bytes } = space.views
    const values = new Array<unknown>(count)
    for (let i = 0; i < count; i++) values[i] = bytes[position + i] === 1
    space.position = aligned(position + count)
    return values
  },
}

/** All values are this one; `none` has no values at all. */
export function constantColumn(constant: null | undefined | 'none'): Column {
  return {
    write(values, _space, position) {
      for (let i = 0; i < values.length; i++) if (values[i] !== constant || constant === 'none') return mismatch
      return position
    },
    read(count, space, position) {
      space.position = position
      return new Array<unknown>(count).fill(constant)
    },
  }
}

/** Plain objects of which no field is wanted: that they are objects is all that is told. */
export const bareColumn: Column = {
  write(values, _space, position) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (typeof value !== 'object' || value === null || !isPlain(value)) return mismatch
    }
    return position
  },
  read(count, space, position) {
    space.position = position
    const values = new Array<unknown>(count)
    for (let i = 0; i < count; i++) values[i] = {}
    return values
  },
}

/** What no column holds: set aside, to go as a structured clone. */
export const foreignColumn: Column = {
  write(values, { foreign }, position) {
    foreign.push(values)
    return position
  },
  read(count, space, position) {
    space.position = position
    const values = space.foreign.shift()
    if (values?.length !== count)
      throw new Error(`${count} values were to come beside the columns, not ${values?.length}`)
    return values as unknown[]
  },
}
