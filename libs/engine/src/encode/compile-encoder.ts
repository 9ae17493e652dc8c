import { functionOfText } from '../compiled/source-text.ts'
import type { EncodedRecords } from '../connector.ts'
import { emittedRecordsMax } from '../operators/operator.ts'
import type { ScanColumns } from '../scan/scan-types.ts'
import { encoderSource } from './encoder-source.ts'
import { fieldName, JsonOutput, jsonOf } from './json-output.ts'
import type { WrittenShape } from './written-shape.ts'

/** Writes texts of records that came from one scan. */
export interface RecordEncoder {
  /**
   * Goes on from a record until there is one that it cannot write, or the output is full. What it has written holds until
   * the next call.
   * @param rows of the scan, for each record; -1: it cannot be written.
   * @param failed called for records on which the sink's function threw: they are left out unless it throws, too.
   */
  encode(values: readonly unknown[], rows: readonly number[], first: number, failed: Failed): Encoded
}

type Failed = (thrown: unknown, index: number) => void

export interface Encoded {
  readonly records: EncodedRecords
  /** Which records these are. */
  readonly indices: Int32Array
  /** The first record that it has not come to. */
  readonly next: number
}

interface EncoderRuntime {
  readonly fn: ((record: unknown) => unknown) | undefined
  readonly out: JsonOutput
  readonly columns: ScanColumns
  readonly source: Uint8Array
  readonly sourceView: DataView
  readonly jsonOf: typeof jsonOf
  readonly nameOf: typeof fieldName
  /** The text of a value as JSON.stringify writes it. */
  again(start: number, end: number): string
  failed: Failed
  next: number
}

type EncoderLoop = (
  values: readonly unknown[],
  rows: readonly number[],
  first: number,
  starts: Int32Array,
  ends: Int32Array,
  indices: Int32Array,
) => number

/**
 * @param fn the sink's function whose results are written; undefined: records are.
 * @param title whose it is: see `compileSegment`.
 * @returns undefined where code must not be made of text.
 */
export function compileEncoder(
  shape: WrittenShape,
  fn: ((record: unknown) => unknown) | undefined,
  columns: ScanColumns,
  title: string,
): RecordEncoder | undefined {
  const out = new JsonOutput()
  const { bytes: source } = columns
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const runtime: EncoderRuntime = {
    ...{ fn, out, columns, source, jsonOf },
    sourceView: new DataView(source.buffer, source.byteOffset, source.byteLength),
    nameOf: fieldName,
    again: (start, end) => JSON.stringify(JSON.parse(decoder.decode(source.subarray(start, end)))),
    failed: () => {},
    next: 0,
  }
  const text = encoderSource(title, shape, fn !== undefined)
  const loop = functionOfText<EncoderRuntime, EncoderLoop>(text, runtime)
  if (loop === undefined) return undefined
  const [starts, ends, indices] = [0, 1, 2].map(() => new Int32Array(emittedRecordsMax))

  return {
    encode(values, rows, first, failed) {
      runtime.failed = failed
      const length = loop(values, rows, first, starts, ends, indices)
      return { records: { length, bytes: out.bytes, starts, ends }, indices, next: runtime.next }
    },
  }
}
