import { changeKinds, type ChangeKind, type Key } from '@lightflus/api'
import { everything, type Demand, type RecordBatch } from '@lightflus/engine'
import { mismatch, overflow, type Column, type ColumnSpace } from './columns/column.ts'
import { learn, type ColumnType } from './columns/column-type.ts'
import type { Columns } from './columns/create-column.ts'
import { keysRead } from './columns/object-layout.ts'
import { findKeyField, keyField, type KeyField } from './key-field.ts'
import { aligned, type Views } from './views.ts'

/**
 * Batches as columns. What the records look like is learned from them, told to the receiver with the first batch that is
 * written so, and learned anew when a record does not fit; types only widen, so that comes to an end.
 *
 * Layout: five int32 (records, flags, bytes of the definition, columns that come beside the memory, 0), the definition as
 * JSON, event times as float64, of partial results what they stand for as float64, changes as bytes, the keys' column, the
 * values' column. Each starts at a multiple of 8.
 */
const headBytes = 24
const hasKeys = 1
const hasChanges = 2
/** Values and keys come beside the memory: what the types cannot say. */
const isForeign = 4
/** Partial results: they look like no record, and have types of their own. */
const hasCounts = 8

/** More are not tried: then the batches go as structured clones. */
const definitionsMax = 64

/** What the receiver is told. */
interface Definition {
  readonly values: ColumnType
  readonly keys: ColumnType
  /** The field that is the key: `keys` has no column then. */
  readonly keyField: string | null
}

export function columnSpace(views: Views): ColumnSpace {
  return { views, foreign: [], position: 0 }
}

/** Whether the batch that is written there is one of partial results. */
export function holdsPartials({ views }: ColumnSpace, start: number): boolean {
  return (views.i32[(start >> 2) + 1] & hasCounts) !== 0
}

/** Of batches that look alike: partial results have an encoder, and a decoder, of their own. */
export class BatchEncoder {
  readonly #columns: Columns
  readonly #wanted: Demand
  #definition: Definition = { values: { kind: 'none' }, keys: { kind: 'none' }, keyField: null }
  #definitions = 0
  #values: Column
  #keys: Column
  #keyField: KeyField | undefined
  /** The definition, as long as the receiver does not know it. */
  #untold: string | undefined
  #isTelling = false
  /** Keys have been found to be no field: not tried again. */
  #keysApart = false

  /** @param wanted of the values: the receiver is given what `project` makes of them, or more. Default: all. */
  constructor(columns: Columns, wanted = everything) {
    this.#columns = columns
    this.#wanted = wanted
    this.#values = columns.of(this.#definition.values)
    this.#keys = columns.of(this.#definition.keys)
  }

  /** @returns the position behind the batch, or {@link overflow}; what must go beside it is then in `space.foreign`. */
  encode(batch: RecordBatch, space: ColumnSpace, start: number, end: number): number {
    for (;;) {
      if (this.#definitions > definitionsMax) return this.encodeForeign(batch, space, start, end)
      const position = this.#write(batch, space, start, end)
      if (position !== mismatch) return position
      if (!this.#learn(batch)) return this.encodeForeign(batch, space, start, end)
    }
  }

  /** As `encode`, but values and keys go as structured clones, whatever they are. */
  encodeForeign(batch: RecordBatch, space: ColumnSpace, start: number, end: number): number {
    const position = this.#writeHead(batch, space, start, end, '')
    if (position === overflow) return overflow
    space.foreign.push(batch.values)
    if (batch.keys) space.foreign.push(batch.keys)
    return finished(position, space, start, isForeign)
  }

  /** What was encoded last is on its way: the receiver will know the definition. */
  published(): void {
    if (this.#isTelling) this.#untold = undefined
  }

  #write(batch: RecordBatch, space: ColumnSpace, start: number, end: number): number {
    const { values, keys } = batch
    let position = this.#writeHead(batch, space, start, end, this.#untold ?? '')
    if (position === overflow) return overflow
    if (keys && !this.#keyField) {
      position = this.#keys.write(keys, space, position, end)
      if (position < 0) return position
    }
    position = this.#values.write(values, space, position, end)
    if (position < 0) return position
    if (keys && this.#keyField && !this.#keyField.holds(values, keys)) {
      this.#keysApart = true
      return mismatch
    }
    return finished(position, space, start, 0)
  }

  #writeHead(batch: RecordBatch, space: ColumnSpace, start: number, end: number, definition: string): number {
    const { values, timestamps, keys, changes, counts } = batch
    const { bytes, i32, f64 } = space.views
    const count = values.length
    space.foreign.length = 0
    this.#isTelling = definition !== ''
    const definitionBytes = definition === '' ? 0 : Buffer.byteLength(definition)
    const timesAt = aligned(start + headBytes + definitionBytes)
    let position = timesAt + (counts ? 16 : 8) * count + (changes ? aligned(count) : 0)
    if (position > end) return overflow
    const head = start >> 2
    i32[head] = count
    i32[head + 1] = (keys ? hasKeys : 0) | (changes ? hasChanges : 0) | (counts ? hasCounts : 0)
    i32[head + 2] = definitionBytes
    if (definitionBytes > 0) bytes.write(definition, start + headBytes, 'utf8')
    position = writeNumbers(timestamps, f64, timesAt)
    if (counts) position = writeNumbers(counts, f64, position)
    if (!changes) return position
    for (let i = 0; i < count; i++) bytes[position + i] = changeKinds.indexOf(changes[i])
    return aligned(position + count)
  }

  /** Widens what is known so that it holds the batch; false: it did already. */
  #learn({ values, keys }: RecordBatch): boolean {
    const before = this.#definition
    const type = learn(before.values, values, this.#wanted)
    this.#keyField =
      keys && !this.#keysApart && type.kind === 'object' ? findKeyField(keysRead(type), values, keys) : undefined
    if (keys && !this.#keyField) this.#keysApart = true
    this.#definition = {
      values: type,
      keys: keys && !this.#keyField ? learn(before.keys, keys) : before.keys,
      keyField: this.#keyField?.name ?? null,
    }
    const told = JSON.stringify(this.#definition)
    if (told === JSON.stringify(before)) return false
    this.#definitions++
    this.#values = this.#columns.of(this.#definition.values)
    this.#keys = this.#columns.of(this.#definition.keys)
    this.#untold = told
    return true
  }
}

/** @returns the position */
function finished(position: number, { views, foreign }: ColumnSpace, start: number, flags: number): number {
  const head = start >> 2
  views.i32[head + 1] |= flags
  views.i32[head + 3] = foreign.length
  return position
}

export class BatchDecoder {
  readonly #columns: Columns
  #values: Column | undefined
  #keys: Column | undefined
  #keyField: KeyField | undefined

  constructor(columns: Columns) {
    this.#columns = columns
  }

  /** @param takeForeign gives the columns that came beside the memory. */
  decode(space: ColumnSpace, start: number, takeForeign: () => readonly (readonly unknown[])[]): RecordBatch {
    const { bytes, i32, f64 } = space.views
    const head = start >> 2
    const count = i32[head]
    const flags = i32[head + 1]
    const definitionAt = start + headBytes
    const timesAt = aligned(definitionAt + i32[head + 2])
    if (i32[head + 2] > 0) this.#define(bytes.toString('utf8', definitionAt, definitionAt + i32[head + 2]))
    space.foreign.length = 0
    if (i32[head + 3] > 0) space.foreign.push(...takeForeign())
    const timestamps = readNumbers(count, f64, timesAt)
    space.position = timesAt + 8 * count
    const counts = flags & hasCounts ? readNumbers(count, f64, space.position) : undefined
    if (counts) space.position += 8 * count
    const changes = flags & hasChanges ? readChanges(count, space) : undefined
    const { values, keys } =
      flags & isForeign ? foreignOf(space, (flags & hasKeys) !== 0) : this.#read(count, space, (flags & hasKeys) !== 0)
    return {
      values,
      timestamps,
      ...(keys && { keys: keys as Key[] }),
      ...(changes && { changes }),
      ...(counts && { counts }),
    }
  }

  #define(told: string): void {
    const { values, keys, keyField: field } = JSON.parse(told) as Definition
    this.#values = this.#columns.of(values)
    this.#keys = this.#columns.of(keys)
    this.#keyField = field === null ? undefined : keyField(field)
  }

  #read(count: number, space: ColumnSpace, hasKeys: boolean) {
    const apart = hasKeys && !this.#keyField
    const keys = apart ? this.#keys!.read(count, space, space.position) : undefined
    const values = this.#values!.read(count, space, space.position)
    return { values, keys: hasKeys && this.#keyField ? this.#keyField.read(values) : keys }
  }
}

function foreignOf({ foreign }: ColumnSpace, hasKeys: boolean) {
  return { values: foreign[0], keys: hasKeys ? foreign[1] : undefined }
}

/** @returns the position behind them */
function writeNumbers(numbers: readonly number[], f64: Float64Array, position: number): number {
  for (let i = 0; i < numbers.length; i++) f64[(position >> 3) + i] = numbers[i]
  return position + 8 * numbers.length
}

function readNumbers(count: number, f64: Float64Array, position: number): number[] {
  const numbers = new Array<number>(count)
  for (let i = 0; i < count; i++) numbers[i] = f64[(position >> 3) + i]
  return numbers
}

function readChanges(count: number, space: ColumnSpace): ChangeKind[] {
  const { bytes } = space.views
  const changes = new Array<ChangeKind>(count)
  for (let i = 0; i < count; i++) changes[i] = changeKinds[bytes[space.position + i]]
  space.position = aligned(space.position + count)
  return changes
}
