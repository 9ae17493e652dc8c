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
        const ofField = demandOfField(wanted, name)
        // What nobody takes may as well be missing: what is on the way to it is read by the function itself.
        if (ofField !== undefined) demand = union(demand, throughShape(field, ofField))
      }
      return demand
    }
  }
}

function demandOfField({ whole, text: isText, fields }: Demand, name: string): Demand | undefined {
  const wanted = [fields.get(name), whole ? everything : undefined, isText ? text : undefined]
  return wanted.reduce((all, each) => (all && each ? union(all, each) : (all ?? each)))
}
