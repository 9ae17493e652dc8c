/**
 * What is wanted of a JSON value. A value is made so that nobody who wants no more can tell it from what JSON.parse makes:
 *
 * - `whole`: as JSON.parse makes it. Nothing is known of what is done with it.
 * - else, of an object: one with the fields of `fields` that it has, each made as its own demand says; of null, a text, a
 *   number, a boolean: itself; of an array: the array whole, as fields of arrays (`length`) are not followed.
 * - `text`: its JSON text is copied to an output, beside what else is wanted.
 *
 * A demand with none of these wants to know whether there is a value and of what kind it is: `p.bid !== null`.
 */
export interface Demand {
  readonly whole: boolean
  readonly text: boolean
  readonly fields: ReadonlyMap<string, Demand>
}

export const nothing: Demand = { whole: false, text: false, fields: new Map() }
export const everything: Demand = { whole: true, text: false, fields: new Map() }

/** What both want. */
export function union(a: Demand, b: Demand): Demand {
  const fields = new Map(a.fields)
  for (const [name, wanted] of b.fields) {
    const known = fields.get(name)
    fields.set(name, known === undefined ? wanted : union(known, wanted))
  }
  return { whole: a.whole || b.whole, text: a.text || b.text, fields }
}

/** What is wanted of a record whose value at a path is wanted so. */
export function at(path: readonly string[], demand: Demand): Demand {
  return path.reduceRight<Demand>(
    (inner, name) => ({ whole: false, text: false, fields: new Map([[name, inner]]) }),
    demand,
  )
}
