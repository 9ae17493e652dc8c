import type { PackedPayloads } from '../connector.ts'
import type { Host } from '../subtask/ports.ts'
import { recordMaker } from './record-maker.ts'
import type { JsonScanner, ScanColumns, ScanDemand, ScanSlot } from './scan-types.ts'
import { instantiateScanner, type ScannerExports } from './scanner-instance.ts'
import { decodeTexts } from './text-reader.ts'

/** Bytes of payloads that one scan takes. A longer payload is left to the plain path. */
export const scanBytesMax = 1 << 20
/** Values that may be looked for: each takes some 18 KiB. */
export const scanSlotsMax = 128
/** Payloads that lie closer together than this are copied at once, with what is between them. */
const gapMax = 512
/** Longest name of a field to look for, in bytes. */
const nameMax = 256

// Bits of libs/engine/wasm/scan/memory.ts.
const hasWanted = 1
const isText = 2
const isRequired = 1
const isTextKey = 8

interface Field {
  readonly path: readonly string[]
  readonly wanted: ScanDemand
  /** Number of the field around it. */
  readonly parent: number
  /** Its text is copied, or that of a value around it. */
  readonly isText: boolean
}

export interface JsonScannerOptions {
  /** Whose it is, for a comment in the code that is generated: no other scanner of the thread may have the same. */
  readonly title: string
  readonly host: Pick<Host, 'readTexts'>
}

/**
 * A scanner for one demand, with a memory of its own of a few MB. It learns how the records that it is given are laid
 * out, so one of the same form as some before it is compared 16 bytes at a time and not taken apart.
 * @returns undefined where WebAssembly with SIMD is missing or refused, or the demand is beyond it: more than
 * {@link scanSlotsMax} values, or fields with names that JSON has to escape.
 */
export function createJsonScanner(demand: ScanDemand, { title, host }: JsonScannerOptions): JsonScanner | undefined {
  const fields = fieldsOf(demand)
  if (fields.length > scanSlotsMax || !fields.every(({ path }) => isPlain(path.at(-1)))) return undefined
  const instance = instantiateScanner(memoryBytes(fields.length))
  if (instance === undefined) return undefined
  const { exports, buffer } = instance
  const layout = layoutOf(exports, fields.length)
  const bytes = new Uint8Array(buffer)
  const columns = columnsOf(exports, buffer, layout, fields.length)
  if (!look(exports, bytes, layout, fields)) return undefined
  const starts = new Int32Array(buffer, layout.starts, layout.rows)
  const ends = new Int32Array(buffer, layout.ends, layout.rows)
  const scans = new Int32Array(1)
  const slots: ScanSlot[] = fields.map(({ path, wanted }) => ({ path, demand: wanted.demand }))

  return {
    slots,
    columns,
    scan(payloads, from, to) {
      const rows = load(payloads, from, Math.min(to, from + layout.rows), {
        bytes,
        starts,
        ends,
        first: layout.texts,
        slack: exports.slack.value,
      })
      exports.scan(rows)
      scans[0]++
      return rows
    },
    record: recordMaker(slots, columns, (host.readTexts ?? decodeTexts)(bytes), title, scans),
  }
}

/** The record first, parents before their fields. */
function fieldsOf(demand: ScanDemand): Field[] {
  const fields: Field[] = [{ path: [], wanted: demand, parent: 0, isText: demand.demand.text }]
  for (let parent = 0; parent < fields.length && fields.length <= scanSlotsMax; parent++) {
    const { path, wanted, isText } = fields[parent]
    for (const [name, inner] of wanted.fields)
      fields.push({ path: [...path, name], wanted: inner, parent, isText: isText || inner.demand.text })
  }
  return fields
}

/** Whether a name is written in one way only, but for escapes that none needs. */
function isPlain(name: string | undefined): boolean {
  if (name === undefined) return true
  // JSON.parse and an object in the text of a program do not mean the same by __proto__.
  if (name === '__proto__' || name.length > nameMax / 3) return false
  return name.isWellFormed() && JSON.stringify(name).length === name.length + 2
}

interface Layout {
  readonly rows: number
  readonly starts: number
  readonly ends: number
  readonly scanned: number
  readonly slots: number
  readonly texts: number
}

/** More than `layoutOf` makes use of: the module, whose constants it reads, is made with its memory. */
const memoryBytes = (slots: number): number => (1 << 18) + 64 * 1024 + slots * 20 * 1024 + scanBytesMax

function layoutOf({ firstFree, rowsMax, slotSize, slack }: ScannerExports, slots: number): Layout {
  const rows = rowsMax.value
  const starts = firstFree()
  const ends = starts + rows * 4
  const scanned = ends + rows * 4
  const first = scanned + rows
  const texts = first + slots * slotSize.value
  if (texts + scanBytesMax + slack.value > memoryBytes(slots)) throw new Error('The scanner lays out more than it has')
  return { rows, starts, ends, scanned, slots: first, texts }
}

function columnsOf(exports: ScannerExports, buffer: ArrayBuffer, layout: Layout, count: number): ScanColumns {
  const { rows } = layout
  const bases = Array.from({ length: count }, (_, slot) => layout.slots + slot * exports.slotSize.value)
  return {
    scanned: new Uint8Array(buffer, layout.scanned, rows),
    kinds: bases.map((base) => new Uint8Array(buffer, base + exports.kindsAt.value, rows)),
    numbers: bases.map((base) => new Float64Array(buffer, base + exports.numbersAt.value, rows)),
    starts: bases.map((base) => new Int32Array(buffer, base + exports.startsAt.value, rows)),
    ends: bases.map((base) => new Int32Array(buffer, base + exports.endsAt.value, rows)),
    flags: bases.map((base) => new Uint8Array(buffer, base + exports.flagsAt.value, rows)),
    bytes: new Uint8Array(buffer),
  }
}

/** Tells the module what to look for; false: it has no room. */
function look(exports: ScannerExports, bytes: Uint8Array, layout: Layout, fields: readonly Field[]): boolean {
  const size = exports.slotSize.value
  exports.lay(layout.starts, layout.ends, layout.scanned, layout.slots, layout.slots + fields.length * size)
  const shapes: number[] = []
  for (const [slot, { path, wanted, parent, isText: text }] of fields.entries()) {
    const name = new TextEncoder().encode(slot === 0 ? '' : JSON.stringify(path.at(-1)))
    bytes.set(name, layout.texts)
    const accepts = wanted.accepts ?? -1
    const key = exports.want(
      slot === 0 ? 0 : shapes[parent],
      layout.texts,
      name.length,
      layout.slots + slot * size,
      accepts,
      (accepts & 1 ? 0 : isRequired) | (text ? isTextKey : 0),
      wanted.fields.size > 0 ? hasWanted | (text ? isText : 0) : -1,
    )
    if (key === 0) return false
    shapes.push(exports.shapeOf(key))
  }
  return true
}

interface Texts {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly first: number
  readonly slack: number
}

/** Copies payloads, as many as there is room for. */
function load(payloads: PackedPayloads, from: number, to: number, into: Texts): number {
  const { bytes, starts, ends, first, slack } = into
  const room = first + scanBytesMax
  let top = first
  let at = from
  while (at < to) {
    const start = payloads.starts[at]
    const length = payloads.ends[at] - start
    if (start < 0 || length > scanBytesMax) {
      starts[at - from] = -1
      at++
      continue
    }
    if (length > room - top) break
    const shift = top - start
    let end = start
    for (; at < to; at++) {
      const next = payloads.starts[at]
      const nextEnd = payloads.ends[at]
      if (next < 0) starts[at - from] = -1
      else {
        if (next < end || next - end > gapMax || nextEnd + shift > room) break
        starts[at - from] = next + shift
        ends[at - from] = nextEnd + shift
        end = nextEnd
      }
    }
    bytes.set(payloads.bytes.subarray(start, end), top)
    top += end - start
  }
  bytes.fill(0, top, top + slack)
  return at - from
}
