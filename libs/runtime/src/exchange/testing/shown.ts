/**
 * A text of all that a structured clone keeps of a value, for comparison: numbers with their sign, kinds of objects, keys
 * in their order, holes. Which realm an object is of does not show, nor where one object is in two places.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const kind = Object.prototype.toString.call(value).slice(8, -1)
  switch (kind) {
    case 'Date':
      return `Date(${(value as Date).getTime()})`
    case 'Map':
      return `Map(${Array.from(value as Map<unknown, unknown>, ([key, each]) => `${shown(key)}=${shown(each)}`).join()})`
    case 'Set':
      return `Set(${Array.from(value as Set<unknown>, shown).join()})`
    case 'Number':
    case 'String':
    case 'Boolean':
    case 'BigInt':
      return `${kind}(${shown((value as { valueOf(): unknown }).valueOf())})`
  }
  const base = Array.isArray(value) ? `[${value.length}]` : kind
  const fields = Object.keys(value).map((key) => `${JSON.stringify(key)}:${shown(value[key as keyof typeof value])}`)
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype !== null && Object.getPrototypeOf(prototype) === null
  return `${base}${isPlain ? '' : '*'}{${fields.join()}}`
}
