import type { TextReader } from '../subtask/ports.ts'
import { readsTexts, recordFields, recordSource, someText } from './record-source.ts'
import { textFlag, valueKind, type ScanColumns, type ScanSlot } from './scan-types.ts'

/** What the generated text reads and calls. */
interface RecordRuntime {
  readonly columns: ScanColumns
  readonly bytes: Uint8Array
  readonly scans: Int32Array
  readonly readText: TextReader
  /** Any value, by its text. */
  readonly parse: (start: number, end: number) => unknown
  /** The value of a slot, whatever it is. */
  readonly rare: (slot: number, row: number) => unknown
}

type RecordMaker = (row: number) => unknown

/**
 * What makes the record of a row as its demand says: by one function generated for it, where that is allowed.
 * @param scans its only number is another after each scan, when the bytes are others.
 */
export function recordMaker(
  slots: readonly ScanSlot[],
  columns: ScanColumns,
  readText: TextReader,
  title: string,
  scans: Int32Array,
): RecordMaker {
  const parse = (start: number, end: number) => JSON.parse(readText(start, end, false)) as unknown
  const makers = plainMakers(slots, columns, readText)
  const runtime: RecordRuntime = {
    ...{ columns, readText, parse, scans, bytes: columns.bytes },
    rare: (slot, row) => makers[slot](row),
  }
  try {
    return (new Function('$', recordSource(slots, title)) as ($: RecordRuntime) => RecordMaker)(runtime)
  } catch (thrown) {
    // Code must not be made of text here. Anything else is a mistake of this folder.
    if (thrown instanceof EvalError) return makers[0]
    throw thrown
  }
}

/** For each slot what makes its value of a row, without generated code. */
export function plainMakers(
  slots: readonly ScanSlot[],
  columns: ScanColumns,
  readText: TextReader,
): readonly RecordMaker[] {
  const makers: RecordMaker[] = slots.map(({ demand }, slot) => {
    const [kinds, numbers, flags] = [columns.kinds[slot], columns.numbers[slot], columns.flags[slot]]
    const [starts, ends] = [columns.starts[slot], columns.ends[slot]]
    const fields = recordFields(slots, slot)
    const isReading = readsTexts(demand)
    const parse = (row: number) => JSON.parse(readText(starts[row], ends[row], false)) as unknown
    const text = (row: number) => {
      if (!isReading) return ends[row] - starts[row] === 2 ? '' : someText
      if ((flags[row] & textFlag.unescaped) === 0) return parse(row)
      return readText(starts[row] + 1, ends[row] - 1, (flags[row] & textFlag.ascii) !== 0)
    }
    return (row) => {
      switch (kinds[row]) {
        case valueKind.object:
          return demand.whole
            ? parse(row)
            : Object.fromEntries(fields.map(([name, field]) => [name, makers[field](row)]))
        case valueKind.number:
          return Number.isNaN(numbers[row]) ? parse(row) : numbers[row]
        case valueKind.string:
          return text(row)
        case valueKind.array:
          return isReading ? parse(row) : []
        case valueKind.null:
          return null
        case valueKind.missing:
          return undefined
        default:
          return kinds[row] === valueKind.true
      }
    }
  })
  return makers
}
