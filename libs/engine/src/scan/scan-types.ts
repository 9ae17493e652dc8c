import type { PackedPayloads } from '../connector.ts'
import type { Demand } from '../field-use/demand.ts'

/** Kinds of a scanned value, as the columns hold them. */
export const valueKind = {
  missing: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  string: 5,
  object: 6,
  array: 7,
} as const

/** What a scanner looks for: a demand, and what a schema that is structure only has to say of it. */
export interface ScanDemand {
  readonly demand: Demand
  /** Bits `1 << valueKind` that the schema accepts here; absent: all. Anything else takes the plain path, which refuses it. */
  readonly accepts?: number
  /** Of an object: fields that are wanted or checked. A field that only the schema knows has the demand `nothing`. */
  readonly fields: ReadonlyMap<string, ScanDemand>
}

/** One value that is looked for: the record itself, or a field. */
export interface ScanSlot {
  /** From the record; empty for the record itself. */
  readonly path: readonly string[]
  readonly demand: Demand
}

/** Bits of {@link ScanColumns.flags}. */
export const textFlag = {
  /** The text is what JSON.stringify would write of the value: it may be copied to an output. */
  canonical: 1,
  /** Of a string: no escapes, so that its characters are the text between the quotes. */
  unescaped: 2,
  /** Of a string: one byte each. */
  ascii: 4,
} as const

/** What a scan has found, by slot and row; valid until the next scan. Views of the scanner's memory, made once. */
export interface ScanColumns {
  /** By row: 1: all columns tell of it. 0: of a form that the scanner leaves to the plain path. */
  readonly scanned: Uint8Array
  readonly kinds: readonly Uint8Array[]
  /** Of numbers: their value; it is left to `Number(text)` (NaN here) where it cannot be told exactly. */
  readonly numbers: readonly Float64Array[]
  /** Of values that are there: where their JSON text, quotes included, lies in `bytes`. */
  readonly starts: readonly Int32Array[]
  readonly ends: readonly Int32Array[]
  readonly flags: readonly Uint8Array[]
  /** Where the texts are: a copy of what was scanned, with room behind it to read beyond the end. */
  readonly bytes: Uint8Array
}

/** Finds in many JSON texts what is wanted of them. One for each subtask of a source. */
export interface JsonScanner {
  /** The record first, parents before their fields. */
  readonly slots: readonly ScanSlot[]
  readonly columns: ScanColumns
  /**
   * Scans payloads `from` to `to`, or as many as there is room for, into rows from 0.
   * @returns how many rows: at least one.
   */
  scan(payloads: PackedPayloads, from: number, to: number): number
  /**
   * The record of a row that was scanned, made as its demand says. A field that is missing is undefined where not the
   * whole is wanted. Where no more of a text is wanted than its kind, or its JSON text, another text stands for it, which
   * is empty where it is; so does an empty array for an array.
   */
  record(row: number): unknown
}
