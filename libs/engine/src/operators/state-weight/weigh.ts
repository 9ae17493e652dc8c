/** How many elements of one collection are weighed; the others are taken to be like them. */
const elementsMax = 4
/** How many values are weighed in all. */
const valuesMax = 64
/** What is beyond {@link valuesMax} is taken to weigh this much. */
const unseenBytes = 32
const word = 8

/**
 * About how many bytes a value takes in V8's heap on 64 bits, beside the word that refers to it. It takes its time from a
 * few values only, however large the whole is: long collections are weighed by some of their elements, from one end to the
 * other. What several values share is weighed with each of them.
 */
export function weigh(value: unknown): number {
  try {
    return weighOne(value, { values: valuesMax })
  } catch {
    // A getter of the program's, which only a snapshot has to read.
    return unseenBytes
  }
}

interface Left {
  values: number
}

function weighOne(value: unknown, left: Left): number {
  switch (typeof value) {
    case 'number':
      // Whole numbers of 32 bits stand where others are referred to.
      return (value | 0) === value ? 0 : 2 * word
    case 'string':
      return weighText(value)
    case 'bigint':
      return 4 * word
    case 'object':
      if (value === null) return 0
      return left.values-- > 0 ? weighObject(value, left) : unseenBytes
    default:
      return 0
  }
}

/** Of one byte a character, unless some character needs two. */
function weighText(text: string): number {
  const step = Math.ceil(text.length / elementsMax) || 1
  for (let i = 0; i < text.length; i += step) if (text.charCodeAt(i) > 0xff) return 2 * word + 2 * text.length
  return 2 * word + text.length
}

function weighObject(value: object, left: Left): number {
  if (Array.isArray(value)) return weighList(value, left)
  if (ArrayBuffer.isView(value)) return 28 * word + value.byteLength
  if (value instanceof Map) {
    const { size } = value
    return weighTable(size, 3) + weighSome(value.keys(), size, left) + weighSome(value.values(), size, left)
  }
  if (value instanceof Set) return weighTable(value.size, 2) + weighSome(value.values(), value.size, left)
  if (value instanceof ArrayBuffer) return 16 * word + value.byteLength
  if (value instanceof Date) return 12 * word
  return weighFields(value, left)
}

/** Where values were put in one after the other, there is room for more of them. */
function weighList(list: readonly unknown[], left: Left): number {
  const { length } = list
  const room = length <= 1 ? 0 : 8 + length / 8
  return (6 + length + room) * word + weighElements(list, left)
}

/** A Map or Set: places for a power of two of entries, each of so many words, and half a word to find it by. */
function weighTable(size: number, entryWords: number): number {
  const places = size <= 4 ? 4 : 2 ** Math.ceil(Math.log2(size))
  return (9 + places * (entryWords + 0.5)) * word
}

function weighFields(value: object, left: Left): number {
  let bytes = 3 * word
  for (const name in value) bytes += word + weighOne((value as Record<string, unknown>)[name], left)
  return bytes
}

function weighElements(list: readonly unknown[], left: Left): number {
  const { length } = list
  const step = Math.ceil(length / elementsMax) || 1
  let bytes = 0
  let weighed = 0
  for (let i = 0; i < length; i += step, weighed++) bytes += weighOne(list[i], left)
  return weighed === 0 ? 0 : (bytes / weighed) * length
}

/** Of a Map or Set there is no way to a later element but through those before it. */
function weighSome(elements: Iterable<unknown>, size: number, left: Left): number {
  let bytes = 0
  let weighed = 0
  for (const element of elements) {
    bytes += weighOne(element, left)
    if (++weighed === elementsMax) break
  }
  return weighed === 0 ? 0 : (bytes / weighed) * size
}
