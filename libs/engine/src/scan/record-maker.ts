import type { Demand } from '../field-use/demand.ts'
import type { TextReader } from '../subtask/ports.ts'
import { textFlag, valueKind, type ScanColumns, type ScanSlot } from './scan-types.ts'

/** A text that nobody looks at but to see that it is there and not empty. */
const someText = '…'

/** What generated code reads by its own names. */
interface Maker {
  readonly columns: ScanColumns
  /** A string, without its quotes, that has no escapes. */
  readonly readText: TextReader
  /** Any value, by its text. */
  readonly parse: (start: number, end: number) => unknown
}

/**
 * What makes the record of a row, as one function of code made for these slots: objects are written out with all their
 * fields, so that they have one shape, and whoever reads them next is compiled for it.
 */
export function recordMaker(
  slots: readonly ScanSlot[],
  columns: ScanColumns,
  readText: TextReader,
  title: string,
): (row: number) => unknown {
  const maker: Maker = { columns, readText, parse: (start, end) => JSON.parse(readText(start, end, false)) as unknown }
  try {
    const make = new Function('$', recordSource(slots, title)) as (maker: Maker) => (row: number) => unknown
    return make(maker)
  } catch (thrown) {
    // Code must not be made of text here. Anything else is a mistake of this file.
    if (thrown instanceof EvalError) return plainMaker(slots, maker)
    throw thrown
  }
}

/** Number of each field of a slot's objects that the record has, by its name. */
function fieldsOf(slots: readonly ScanSlot[], slot: number): [name: string, slot: number][] {
  const { path, demand } = slots[slot]
  return [...demand.fields.keys()].flatMap((name): [string, number][] => {
    const field = slots.findIndex(
      (each) =>
        each.path.length === path.length + 1 &&
        each.path.at(-1) === name &&
        path.every((part, at) => each.path[at] === part),
    )
    return field === -1 ? [] : [[name, field]]
  })
}

/** Whether more is wanted of texts than that they are there. */
const readsTexts = ({ whole, fields }: Demand): boolean => whole || fields.size > 0

export function recordSource(slots: readonly ScanSlot[], title: string): string {
  const used = new Set<number>()
  const value = (slot: number): string => {
    used.add(slot)
    const { demand } = slots[slot]
    const fields = fieldsOf(slots, slot)
    const text = readsTexts(demand)
      ? `(flags${slot}[row] & ${textFlag.unescaped}) !== 0 ? readText(starts${slot}[row] + 1, ends${slot}[row] - 1, (flags${slot}[row] & ${textFlag.ascii}) !== 0) : parse(starts${slot}[row], ends${slot}[row])`
      : `ends${slot}[row] - starts${slot}[row] === 2 ? '' : ${JSON.stringify(someText)}`
    const number = `numbers${slot}[row] === numbers${slot}[row] ? numbers${slot}[row] : parse(starts${slot}[row], ends${slot}[row])`
    const object = demand.whole
      ? `parse(starts${slot}[row], ends${slot}[row])`
      : `{ ${fields.map(([name, field]) => `${JSON.stringify(name)}: ${value(field)}`).join(', ')} }`
    const array = readsTexts(demand) ? `parse(starts${slot}[row], ends${slot}[row])` : '[]'
    const kind = `kinds${slot}[row]`
    return [
      `(${kind} === ${valueKind.object} ? ${object}`,
      `: ${kind} === ${valueKind.number} ? (${number})`,
      `: ${kind} === ${valueKind.string} ? (${text})`,
      `: ${kind} === ${valueKind.null} ? null`,
      `: ${kind} === ${valueKind.missing} ? undefined`,
      `: ${kind} === ${valueKind.array} ? ${array}`,
      `: ${kind} === ${valueKind.true})`,
    ].join(' ')
  }
  const record = value(0)
  return [
    `// ${title.replaceAll(/[^\x20-\x7e]/g, '?')}`,
    `'use strict'`,
    'const { columns, readText, parse } = $',
    ...[...used].flatMap((slot) =>
      ['kinds', 'numbers', 'starts', 'ends', 'flags'].map((name) => `const ${name}${slot} = columns.${name}[${slot}]`),
    ),
    `return function record(row) {`,
    `  return ${record}`,
    '}',
    '',
  ].join('\n')
}

/** The same without code of its own. */
export function plainMaker(slots: readonly ScanSlot[], { columns, readText, parse }: Maker): (row: number) => unknown {
  const make = (slot: number): ((row: number) => unknown) => {
    const { demand } = slots[slot]
    const kinds = columns.kinds[slot]
    const numbers = columns.numbers[slot]
    const starts = columns.starts[slot]
    const ends = columns.ends[slot]
    const flags = columns.flags[slot]
    const fields = fieldsOf(slots, slot).map(([name, field]) => ({ name, make: make(field) }))
    const parseAt = (row: number) => parse(starts[row], ends[row])
    const text = (row: number) => {
      if (!readsTexts(demand)) return ends[row] - starts[row] === 2 ? '' : someText
      return flags[row] & textFlag.unescaped
        ? readText(starts[row] + 1, ends[row] - 1, (flags[row] & textFlag.ascii) !== 0)
        : parseAt(row)
    }
    return (row) => {
      switch (kinds[row]) {
        case valueKind.object:
          if (demand.whole) return parseAt(row)
          return Object.fromEntries(fields.map((field) => [field.name, field.make(row)]))
        case valueKind.number:
          return Number.isNaN(numbers[row]) ? parseAt(row) : numbers[row]
        case valueKind.string:
          return text(row)
        case valueKind.array:
          return readsTexts(demand) ? parseAt(row) : []
        case valueKind.null:
          return null
        case valueKind.missing:
          return undefined
        default:
          return kinds[row] === valueKind.true
      }
    }
  }
  return make(0)
}
