import { at, everything, nothing, text, union, type Demand } from './demand.ts'
import type { FunctionUse, ResultShape } from './function-use.ts'

/** What is wanted of a record where `wanted` is wanted of a function's result. */
export function demandOf({ reads, result }: FunctionUse, wanted: Demand): Demand {
  return union(reads, throughShape(result, wanted))
}

/** The same without what the function looks at itself. */
export function throughShape(shape: ResultShape, wanted: Demand): Demand {
  switch (shape.kind) {
    case 'path':
      return at(shape.path, wanted)
    case 'computed':
      return nothing
    case 'object': {
      let demand = nothing
      for (const [name, field] of shape.fields) {
        let ofField = wanted.fields.get(name) ?? nothing
        if (wanted.whole) ofField = union(ofField, everything)
        if (wanted.text) ofField = union(ofField, text)
        demand = union(demand, throughShape(field, ofField))
      }
      return demand
    }
  }
}
