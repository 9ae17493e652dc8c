/**
 * A deep copy of arrays and plain objects, made here: what `structuredClone` makes under Jest belongs to another realm,
 * and strict comparisons tell.
 *
 * @param copyOther for everything else that is no primitive value.
 */
export function copyData<T>(value: T, copyOther: (value: object) => unknown): T
export function copyData(value: unknown, copyOther: (value: object) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? copyOther(value) : value
  if (Array.isArray(value)) return value.map((item) => copyData(item, copyOther) as unknown)
  if (!isPlain(value)) return copyOther(value)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) copy[key] = copyData((value as Record<string, unknown>)[key], copyOther)
  return copy
}

/** Not by `Object.prototype`, which every realm has of its own. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
