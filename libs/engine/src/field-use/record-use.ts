import { everything, nothing, union, type Demand } from './demand.ts'
import type { ResultShape } from './function-use.ts'
import { throughShape } from './through-shape.ts'

/** What is wanted of the records of a stream, and who wants how much. */
export interface RecordUse {
  readonly demand: Demand
  readonly wholes: readonly WholeValue[]
}

/** Someone wants the whole of an object of which fields could be told apart. */
export interface WholeValue {
  /** From the record; empty for the record itself. */
  readonly path: readonly string[]
  readonly operator: string
  /** For the program's author. */
  readonly reason: string
}

export const unusedRecord: RecordUse = { demand: nothing, wholes: [] }

export function wholeRecord(operator: string, reason: string): RecordUse {
  return { demand: everything, wholes: [{ path: [], operator, reason }] }
}

export function unionOfUses(uses: readonly RecordUse[]): RecordUse {
  if (uses.length === 1) return uses[0]
  const wholes = new Map(uses.flatMap((use) => use.wholes).map((whole) => [JSON.stringify(whole), whole]))
  return { demand: uses.map((use) => use.demand).reduce(union, nothing), wholes: [...wholes.values()] }
}

/** What is wanted of a record where this is wanted of what a function makes of it. */
export function usedThrough(shape: ResultShape, { demand, wholes }: RecordUse): RecordUse {
  return {
    demand: throughShape(shape, demand),
    wholes: wholes.flatMap((whole) => pathsThrough(shape, whole.path).map((path) => ({ ...whole, path }))),
  }
}

function pathsThrough(shape: ResultShape, path: readonly string[]): (readonly string[])[] {
  switch (shape.kind) {
    case 'path':
      return [[...shape.path, ...path]]
    case 'computed':
      return []
    case 'object': {
      const [name, ...rest] = path
      // A whole object of certain fields is whole in each of them; that is no one's reason to decode more than those.
      const field = name === undefined ? undefined : shape.fields.get(name)
      return field ? pathsThrough(field, rest) : []
    }
  }
}
