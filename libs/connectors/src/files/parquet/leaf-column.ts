import { isAscii } from 'node:buffer'
import { parquetHeader } from 'hyparquet/src/column.js'
import type { ColumnMetaData, PageHeader } from 'hyparquet'
import type { Placing } from '../../kafka/records/compression.ts'
import { decompress } from './decompress.ts'
import type { GroupMemory } from './group-memory.ts'
import { NotHere, readRunsAndBits } from './runs-and-bits.ts'

/** A column of values that are no lists, as far as it is read here. */
export interface Leaf {
  /** Name of a column chunk: its path. */
  readonly path: readonly string[]
  readonly type: 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'BOOLEAN' | 'BYTE_ARRAY'
  /** Definition level of a value that is there: of it and the structs around it, those that may be null. */
  readonly level: number
  /** No more is wanted than what is null. */
  readonly isLevelsOnly: boolean
}

/** What a row group has of a leaf, by row. Of a row that is null only the level holds. */
export interface LeafColumn {
  /** Undefined: all are there. */
  levels: Uint8Array | undefined
  /** How many rows are of each level. */
  readonly counts: readonly number[]
  readonly numbers: Float64Array
  /** Of texts: place in `dictionary`, or -1 for one that {@link text} makes. */
  readonly codes: Int32Array
  readonly dictionary: readonly string[]
  readonly text: (row: number) => string
}

const none = { numbers: new Float64Array(0), codes: new Int32Array(0), ints: new Int32Array(0) }
/** Texts of a column of one row group that are not in its dictionary. */
const plainBytesMax = 1 << 30
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const valueBytes = { INT32: 4, INT64: 8, FLOAT: 4, DOUBLE: 8 } as const

interface Page {
  readonly header: PageHeader
  readonly body: Uint8Array
}

interface Values {
  readonly bytes: Buffer
  readonly start: number
  readonly encoding: string
  readonly first: number
  readonly rows: number
  /** How many of the rows have a value. */
  readonly present: number
}

interface Group {
  readonly rows: number
  readonly memory: GroupMemory
}

/**
 * Decodes a column chunk straight into typed arrays: numbers are never boxed, and a text of the dictionary is made once.
 * Nothing of the chunk is kept.
 * @throws NotHere, or whatever damaged bytes lead to
 */
export function readLeafColumn(chunk: Uint8Array, meta: ColumnMetaData, leaf: Leaf, group: Group): LeafColumn {
  const column = new ColumnReader(leaf, meta, group)
  for (const page of pagesOf(chunk)) column.add(page)
  return column.end()
}

function* pagesOf(chunk: Uint8Array): Generator<Page> {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 }
  while (reader.offset < chunk.byteLength) {
    const header = parquetHeader(reader)
    const length = header.compressed_page_size
    if (!(length >= 0 && reader.offset + length <= chunk.byteLength)) throw new NotHere()
    yield { header, body: chunk.subarray(reader.offset, reader.offset + length) }
    reader.offset += length
  }
}

class ColumnReader {
  readonly #leaf: Leaf
  readonly #codec: string
  readonly #rows: number
  readonly #memory: GroupMemory
  readonly #isText: boolean
  readonly #levels: Uint8Array
  readonly #counts: number[]
  readonly #numbers: Float64Array
  readonly #codes: Int32Array
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  /** Pages of texts, one after the other; places in them count on. */
  readonly #plain: { readonly first: number; readonly bytes: Buffer; readonly isAscii: boolean }[] = []
  #plainBytes = 0
  #dictionary: string[] = []
  #dictionaryNumbers = none.numbers
  #places = none.ints
  #filled = 0

  constructor(leaf: Leaf, { codec }: ColumnMetaData, { rows, memory }: Group) {
    this.#leaf = leaf
    this.#codec = codec
    this.#rows = rows
    this.#memory = memory
    const isNumbers = !leaf.isLevelsOnly && leaf.type !== 'BYTE_ARRAY'
    this.#isText = !leaf.isLevelsOnly && leaf.type === 'BYTE_ARRAY'
    this.#levels = leaf.level > 0 ? new Uint8Array(memory.take(rows), 0, rows) : new Uint8Array(0)
    this.#counts = new Array<number>(leaf.level + 1).fill(0)
    this.#numbers = isNumbers ? new Float64Array(memory.take(8 * rows), 0, rows) : none.numbers
    this.#codes = this.#isText ? new Int32Array(memory.take(4 * rows), 0, rows) : none.codes
    this.#starts = this.#isText ? new Int32Array(memory.take(4 * rows), 0, rows) : none.ints
    this.#ends = this.#isText ? new Int32Array(memory.take(4 * rows), 0, rows) : none.ints
  }

  add({ header, body }: Page): void {
    switch (header.type) {
      case 'DICTIONARY_PAGE':
        if (!this.#leaf.isLevelsOnly) this.#addDictionary(header, body)
        return
      case 'DATA_PAGE': {
        const { num_values: rows, encoding, definition_level_encoding } = header.data_page_header!
        this.#checkRows(rows)
        const bytes = decompress(this.#codec, body, header.uncompressed_page_size, this.#placeOf(encoding))
        let start = 0
        if (this.#leaf.level > 0) {
          if (definition_level_encoding !== 'RLE' || bytes.length < 4) throw new NotHere()
          start = 4 + bytes.readUInt32LE(0)
          this.#addLevels(bytes, 4, start, rows)
        }
        return this.#addValues(bytes, start, encoding, rows)
      }
      case 'DATA_PAGE_V2': {
        const page = header.data_page_header_v2!
        const { num_rows: rows, encoding, definition_levels_byte_length: levels } = page
        this.#checkRows(rows)
        if (page.repetition_levels_byte_length !== 0 || page.num_values !== rows) throw new NotHere()
        if (this.#leaf.level > 0) this.#addLevels(body, 0, levels, rows)
        const values = body.subarray(levels)
        const size = header.uncompressed_page_size - levels
        const codec = page.is_compressed === false ? 'UNCOMPRESSED' : this.#codec
        const bytes = decompress(codec, values, size, this.#placeOf(encoding))
        return this.#addValues(bytes, 0, encoding, rows)
      }
      default:
        throw new NotHere()
    }
  }

  /** Texts are made of their pages when they are asked for; all others are done with at once. */
  #placeOf(encoding: string): Placing {
    return this.#isText && encoding === 'PLAIN' ? this.#memory.kept : this.#memory.page
  }

  #checkRows(rows: number): void {
    if (!(rows >= 0 && this.#filled + rows <= this.#rows)) throw new NotHere()
  }

  #addLevels(bytes: Uint8Array, start: number, end: number, rows: number): void {
    if (end > bytes.length) throw new NotHere()
    const width = 32 - Math.clz32(this.#leaf.level)
    readRunsAndBits({ bytes, start, end, width }, this.#levels, this.#filled, rows)
  }

  #addDictionary(header: PageHeader, body: Uint8Array): void {
    const { num_values: count } = header.dictionary_page_header!
    const bytes = decompress(this.#codec, body, header.uncompressed_page_size, this.#memory.page)
    const { type } = this.#leaf
    if (type === 'BOOLEAN' || count > bytes.length) throw new NotHere()
    if (type !== 'BYTE_ARRAY') {
      this.#dictionaryNumbers = new Float64Array(count)
      readNumbers(bytes, 0, type, this.#dictionaryNumbers, 0, count)
      return
    }
    const isShort = isAscii(bytes)
    for (let at = 0, entry = 0; entry < count; entry++) {
      if (at + 4 > bytes.length) throw new NotHere()
      const end = at + 4 + bytes.readUInt32LE(at)
      if (end > bytes.length) throw new NotHere()
      this.#dictionary.push(textOf(bytes, at + 4, end, isShort))
      at = end
    }
  }

  #addValues(bytes: Buffer, start: number, encoding: string, rows: number): void {
    const first = this.#filled
    this.#filled += rows
    const present = this.#count(first, rows)
    if (this.#leaf.isLevelsOnly) return
    const values: Values = { bytes, start, encoding, first, rows, present }
    if (encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY') this.#addPlaces(values)
    else if (this.#leaf.type === 'BOOLEAN') this.#addBooleans(values)
    else if (encoding !== 'PLAIN') throw new NotHere()
    else if (this.#isText) this.#addTexts(values)
    else {
      readNumbers(bytes, start, this.#leaf.type as keyof typeof valueBytes, this.#numbers, first, present)
      this.#spread(this.#numbers, values)
    }
  }

  /** Counts the rows by their levels. @returns how many have a value. */
  #count(first: number, rows: number): number {
    const { level } = this.#leaf
    const before = this.#counts[level]
    if (level === 0) this.#counts[0] += rows
    else {
      const levels = this.#levels
      for (let row = first; row < first + rows; row++) {
        if (levels[row] > level) throw new NotHere()
        this.#counts[levels[row]]++
      }
    }
    return this.#counts[level] - before
  }

  #addPlaces(values: Values): void {
    const { bytes, start, first, present } = values
    if (start >= bytes.length && present > 0) throw new NotHere()
    if (this.#places.length < present) this.#places = new Int32Array(this.#memory.take(4 * this.#rows), 0, this.#rows)
    const places = this.#isText ? this.#codes : this.#places
    const from = this.#isText ? first : 0
    if (present > 0) {
      const width = bytes[start]
      if (width === 0) places.fill(0, from, from + present)
      else readRunsAndBits({ bytes, start: start + 1, end: bytes.length, width }, places, from, present)
    }
    const entries = this.#isText ? this.#dictionary.length : this.#dictionaryNumbers.length
    for (let index = from; index < from + present; index++) if (places[index] >= entries) throw new NotHere()
    if (this.#isText) return this.#spread(this.#codes, values)
    const [numbers, dictionary] = [this.#numbers, this.#dictionaryNumbers]
    for (let index = 0; index < present; index++) numbers[first + index] = dictionary[places[index]]
    this.#spread(numbers, values)
  }

  #addBooleans(values: Values): void {
    const { bytes, start, encoding, first, present } = values
    if (encoding !== 'PLAIN' || start + ((present + 7) >>> 3) > bytes.length) throw new NotHere()
    for (let index = 0; index < present; index++)
      this.#numbers[first + index] = (bytes[start + (index >>> 3)] >>> (index & 7)) & 1
    this.#spread(this.#numbers, values)
  }

  #addTexts({ bytes, start, first, rows }: Values): void {
    const { level } = this.#leaf
    const [levels, starts, ends, codes] = [this.#levels, this.#starts, this.#ends, this.#codes]
    const shift = this.#plainBytes
    bytes.fill(0, 0, start)
    let at = start
    for (let row = first; row < first + rows; row++) {
      if (level > 0 && levels[row] !== level) continue
      if (at + 4 > bytes.length) throw new NotHere()
      const length = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
      // All bytes but those of the texts are cleared, so that one look tells whether the texts are ASCII.
      if (length > 127) bytes.fill(0, at, at + 4)
      at += 4
      if (length < 0 || at + length > bytes.length) throw new NotHere()
      codes[row] = -1
      starts[row] = shift + at
      ends[row] = shift + (at += length)
    }
    this.#plain.push({ first: shift, bytes, isAscii: isAscii(bytes) })
    this.#plainBytes += bytes.length
    if (this.#plainBytes > plainBytesMax) throw new NotHere()
  }

  /** Puts values that stand side by side to the rows that have one. */
  #spread(values: Float64Array | Int32Array, { first, rows, present }: Values): void {
    if (present === rows) return
    const { level } = this.#leaf
    const levels = this.#levels
    let from = first + present
    for (let row = first + rows - 1; from < row + 1 && row >= first; row--)
      if (levels[row] === level) values[row] = values[--from]
  }

  end(): LeafColumn {
    if (this.#filled !== this.#rows) throw new NotHere()
    const isWhole = this.#counts[this.#leaf.level] === this.#rows
    return {
      levels: isWhole ? undefined : this.#levels,
      counts: this.#counts,
      numbers: this.#numbers,
      codes: this.#codes,
      dictionary: this.#dictionary,
      text: this.#textMaker(),
    }
  }

  #textMaker(): (row: number) => string {
    const [starts, ends, pages] = [this.#starts, this.#ends, this.#plain]
    // Rows are mostly asked for in their order.
    let page = 0
    return (row) => {
      const start = starts[row]
      if (start < pages[page].first) page = 0
      while (page + 1 < pages.length && start >= pages[page + 1].first) page++
      const { first, bytes, isAscii } = pages[page]
      return textOf(bytes, start - first, ends[row] - first, isAscii)
    }
  }
}

/** @throws TypeError for what is no UTF-8 */
function textOf(bytes: Buffer, start: number, end: number, isAscii: boolean): string {
  if (isAscii) return bytes.toString('latin1', start, end)
  const text = bytes.toString('utf8', start, end)
  return text.includes('\ufffd') ? strictUtf8.decode(bytes.subarray(start, end)) : text
}

function readNumbers(
  bytes: Buffer,
  start: number,
  type: keyof typeof valueBytes,
  into: Float64Array,
  first: number,
  count: number,
): void {
  if (start + count * valueBytes[type] > bytes.length) throw new NotHere()
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * valueBytes[type])
  if (type === 'INT64') return readLongs(view, into, first, count)
  if (type === 'INT32') for (let i = 0; i < count; i++) into[first + i] = view.getInt32(4 * i, true)
  else {
    if (type === 'DOUBLE') for (let i = 0; i < count; i++) into[first + i] = view.getFloat64(8 * i, true)
    else for (let i = 0; i < count; i++) into[first + i] = view.getFloat32(4 * i, true)
    // A schema may want numbers finite.
    for (let i = first; i < first + count; i++) if (!Number.isFinite(into[i])) throw new NotHere()
  }
}

/** Those beyond what a number holds exactly become bigints, which is the library's matter. */
function readLongs(view: DataView, into: Float64Array, first: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const high = view.getInt32(8 * i + 4, true)
    if (high >= 0x20_0000 || high <= -0x20_0000) throw new NotHere()
    into[first + i] = high * 0x1_0000_0000 + view.getUint32(8 * i, true)
  }
}
