/** Objects that one value may consist of, and how deep, to be copied here. */
const depthMax = 64
/** Up to so many objects the ones that were met are told by going through all. */
const listedMax = 16
/** Arrays up to this length are looked through for properties beside their elements: results of a `match` have some. */
const lookedThroughMax = 32

class NotPlain extends Error {}

/**
 * A copy of plain data, in a tenth of the time that structured clone takes for a small object: with objects that are in it
 * twice, or in themselves, as structured clone has them. Undefined: it is no plain data, but of a class or of a kind that
 * is not known here.
 */
export function ownCopy<V>(value: V): V | undefined {
  if (typeof value !== 'object' || value === null) return value
  try {
    return new Copier().copy(value, 0) as V
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined
    throw thrown
  }
}

class Copier {
  readonly #originals: object[] = []
  readonly #copies: object[] = []
  #byOriginal: Map<object, object> | undefined

  copy(original: object, depth: number): object {
    const met = this.#met(original)
    if (met !== undefined) return met
    if (depth > depthMax) throw new NotPlain()
    const prototype: unknown = Object.getPrototypeOf(original)
    if (prototype === Object.prototype) return this.#copyRecord(original as Record<string, unknown>, depth)
    if (prototype === Array.prototype) return this.#copyArray(original as unknown[], depth)
    if (prototype === Date.prototype) return this.#note(original, new Date(original as Date))
    if (prototype === Map.prototype) return this.#copyMap(original as Map<unknown, unknown>, depth)
    if (prototype === Set.prototype) return this.#copySet(original as Set<unknown>, depth)
    throw new NotPlain()
  }

  #copyRecord(original: Record<string, unknown>, depth: number): object {
    const copy = { ...original }
    this.#note(original, copy)
    for (const name in copy) {
      const value = copy[name]
      if (typeof value === 'object' ? value !== null : typeof value === 'function')
        copy[name] = this.#inner(value, depth)
    }
    return copy
  }

  #copyArray(original: unknown[], depth: number): object {
    const { length } = original
    if (length <= lookedThroughMax && Object.keys(original).length !== length) throw new NotPlain()
    const copy = original.slice()
    this.#note(original, copy)
    for (let i = 0; i < length; i++) {
      const value = copy[i]
      if (typeof value === 'object' ? value !== null : typeof value === 'function') copy[i] = this.#inner(value, depth)
    }
    return copy
  }

  #copyMap(original: Map<unknown, unknown>, depth: number): object {
    const copy = new Map<unknown, unknown>()
    this.#note(original, copy)
    for (const [key, value] of original) copy.set(this.#inner(key, depth), this.#inner(value, depth))
    return copy
  }

  #copySet(original: Set<unknown>, depth: number): object {
    const copy = new Set<unknown>()
    this.#note(original, copy)
    for (const value of original) copy.add(this.#inner(value, depth))
    return copy
  }

  #inner(value: unknown, depth: number): unknown {
    if (typeof value === 'function') throw new NotPlain()
    return typeof value === 'object' && value !== null ? this.copy(value, depth + 1) : value
  }

  #met(original: object): object | undefined {
    if (this.#byOriginal !== undefined) return this.#byOriginal.get(original)
    const at = this.#originals.indexOf(original)
    return at < 0 ? undefined : this.#copies[at]
  }

  #note(original: object, copy: object): object {
    if (this.#byOriginal === undefined && this.#originals.length === listedMax)
      this.#byOriginal = new Map(this.#originals.map((each, i) => [each, this.#copies[i]]))
    if (this.#byOriginal !== undefined) this.#byOriginal.set(original, copy)
    else {
      this.#originals.push(original)
      this.#copies.push(copy)
    }
    return copy
  }
}
