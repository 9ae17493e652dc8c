/**
 * What has to be known of a WebAssembly module before it runs, read from its binary form: a program is also built where
 * there is no WebAssembly (the check's sandbox). The format is that of the WebAssembly Core Specification, section 5.
 */
export interface ModuleFacts {
  /** `module.name` of everything it asks its host for. */
  readonly imports: readonly string[]
  /** Names of exported functions. */
  readonly functions: ReadonlySet<string>
  readonly hasMemory: boolean
}

/** Bytes of a page: the unit in which memories grow. */
export const pageBytes = 65_536

const sectionId = { imports: 2, memories: 5, exports: 7 } as const
/** Kinds of what is imported and exported. */
const externKind = { function: 0, table: 1, memory: 2, global: 3 } as const

interface Section {
  readonly id: number
  /** Where it begins, its id included, and where its content does. */
  readonly start: number
  readonly content: number
  readonly end: number
}

/** @throws RangeError, TypeError saying what is wrong, where the bytes are no module. */
export function moduleFacts(bytes: Uint8Array): ModuleFacts {
  const imports: string[] = []
  const functions = new Set<string>()
  let hasMemory = false
  for (const { id, content } of sections(bytes)) {
    const reader = new Reader(bytes, content)
    if (id === sectionId.imports) reader.vector(() => imports.push(importName(reader)))
    if (id === sectionId.exports)
      reader.vector(() => {
        const name = reader.name()
        const kind = reader.byte()
        reader.number()
        if (kind === externKind.function) functions.add(name)
        if (kind === externKind.memory && name === 'memory') hasMemory = true
      })
  }
  return { imports, functions, hasMemory }
}

/**
 * The same module with a memory that cannot grow beyond the limit, whatever it declares.
 * @throws RangeError where it asks for more from the start, TypeError where its memory is shared, or one of several.
 */
export function withMemoryMax(bytes: Uint8Array, pagesMax: number): Uint8Array<ArrayBuffer> {
  const found = [...sections(bytes)].find(({ id }) => id === sectionId.memories)
  if (found === undefined) return bytes.slice()
  const reader = new Reader(bytes, found.content)
  if (reader.number() !== 1) throw new TypeError('it has several memories')
  const flags = reader.byte()
  if (flags > 1) throw new TypeError('its memory is shared or of 64 bits')
  const least = reader.number()
  const most = Math.min(flags === 1 ? reader.number() : pagesMax, pagesMax)
  if (least > pagesMax)
    throw new RangeError(
      `it asks for ${least * pageBytes} bytes of memory from the start, ${pagesMax * pageBytes} are allowed`,
    )
  const content = [1, 1, ...encoded(least), ...encoded(most)]
  const section = [sectionId.memories, ...encoded(content.length), ...content]
  const capped = new Uint8Array(bytes.length - (found.end - found.start) + section.length)
  capped.set(bytes.subarray(0, found.start))
  capped.set(section, found.start)
  capped.set(bytes.subarray(found.end), found.start + section.length)
  return capped
}

function* sections(bytes: Uint8Array): Generator<Section> {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
  if (header.some((byte, index) => bytes[index] !== byte))
    throw new TypeError('it does not begin as version 1 of the format does')
  for (let start = header.length; start < bytes.length;) {
    const reader = new Reader(bytes, start)
    const id = reader.byte()
    const size = reader.number()
    const content = reader.position
    const end = content + size
    if (end > bytes.length) throw new RangeError('it is cut off')
    yield { id, start, content, end }
    start = end
  }
}

function importName(reader: Reader): string {
  const name = `${reader.name()}.${reader.name()}`
  const kind = reader.byte()
  if (kind === externKind.function) reader.number()
  else if (kind === externKind.global) reader.skip(2)
  else {
    if (kind === externKind.table) reader.skip(1)
    const flags = reader.byte()
    reader.number()
    if (flags & 1) reader.number()
  }
  return name
}

/** Unsigned LEB128. */
function encoded(value: number): number[] {
  const bytes: number[] = []
  do {
    const rest = Math.floor(value / 128)
    bytes.push((value % 128) | (rest > 0 ? 128 : 0))
    value = rest
  } while (value > 0)
  return bytes
}

class Reader {
  readonly #bytes: Uint8Array
  position: number

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes
    this.position = position
  }

  byte(): number {
    const byte = this.#bytes[this.position++]
    if (byte === undefined) throw new RangeError('it is cut off')
    return byte
  }

  skip(count: number): void {
    this.position += count
  }

  /** Unsigned LEB128 of up to 32 bits. */
  number(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new RangeError('a number in it is too long')
  }

  name(): string {
    const length = this.number()
    let text = ''
    // Names that anyone would look for are of ASCII; others need only differ.
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.byte())
    return text
  }

  vector(read: () => void): void {
    const count = this.number()
    for (let i = 0; i < count; i++) read()
  }
}
