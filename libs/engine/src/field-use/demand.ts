/**
 * What is wanted of a JSON value. A value is made so that nobody who wants no more can tell it from what JSON.parse makes:
 *
 * - `whole`: as JSON.parse makes it. Nothing is known of what is done with it.
 * - else, of an object: one with the fields of `fields` that it has, each made as its own demand says; of null, a text, a
 *   number, a boolean: itself; of an array: the array whole, as fields of arrays (`length`) are not followed.
 * - `text`: its JSON text is copied to an output, beside what else is wanted.
 *
 * A demand with none of these wants to know whether there is a value, of what kind it is, and whether JavaScript takes it
 * for true: `p.bid !== null`, `!p.bid`. It holds beside all others: a text that is only copied may be tested, too.
 *
 * Functions may change an object or array that they want whole (`p.items.sort()`), and whoever has the same record sees
 * it. So the text of a value may only be copied where nobody wants it, or an object or array in it, whole.
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

/** Its JSON text alone. */
export const text: Demand = { whole: false, text: true, fields: new Map() }

/** A value as its demand says, made of what JSON.parse makes: the plain version of what scanners make of bytes. */
export function project(value: unknown, demand: Demand): unknown {
  if (demand.whole || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const own = [...demand.fields].filter(([name]) => Object.hasOwn(value, name))
  return Object.fromEntries(own.map(([name, wanted]) => [name, project(value[name as keyof typeof value], wanted)]))
}
