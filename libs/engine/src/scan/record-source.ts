import type { Demand } from '../field-use/demand.ts'
import { textFlag, valueKind, type ScanSlot } from './scan-types.ts'

/** A text that nobody looks at but to see that it is there and not empty. */
export const someText = '…'

/** Longest text that is made of its bytes one by one: for longer ones a call of the host is cheaper. */
const shortTextMax = 24

/** Number of each field of a slot's objects that the record has, by its name. */
export function recordFields(slots: readonly ScanSlot[], slot: number): [name: string, slot: number][] {
  const { path, demand } = slots[slot]
  return [...demand.fields.keys()].flatMap((name): [string, number][] => {
    const own = [...path, name]
    const field = slots.findIndex(
      (each) => each.path.length === own.length && own.every((part, at) => each.path[at] === part),
    )
    return field === -1 ? [] : [[name, field]]
  })
}

/** Whether more is wanted of texts than that they are there. */
export const readsTexts = ({ whole, fields }: Demand): boolean => whole || fields.size > 0

/**
 * Text of the body of a function of `$` (see record-maker.ts) that returns the function which makes the record of a row.
 * Objects are written out with all their fields, so that they have one shape, and whoever reads them next is compiled for
 * it. Each value is first asked whether it is what it nearly always is.
 */
export function recordSource(slots: readonly ScanSlot[], title: string): string {
  const used = new Set<number>()
  const texts = new Set<number>()

  const valueOf = (slot: number): string => {
    used.add(slot)
    const { demand } = slots[slot]
    const kind = `kinds${slot}[row]`
    const isReading = readsTexts(demand)
    const parsed = `parse(starts${slot}[row], ends${slot}[row])`
    const object = demand.whole ? parsed : objectOf(slot)
    if (isReading) texts.add(slot)
    const text = isReading
      ? `flags${slot}[row] === plain ? text${slot}(starts${slot}[row] + 1, ends${slot}[row] - 1) : rare(${slot}, row)`
      : `ends${slot}[row] - starts${slot}[row] === 2 ? '' : '${someText}'`
    // NaN stands for a number that takes more to tell.
    const number = `(n = numbers${slot}[row]) === (i = n | 0) && (i !== 0 || 1 / n > 0) ? i : n === n ? n : ${parsed}`
    return [
      `(${kind} === ${valueKind.object} ? ${object}`,
      `: ${kind} === ${valueKind.number} ? (${number})`,
      `: ${kind} === ${valueKind.string} ? (${text})`,
      `: ${kind} === ${valueKind.null} ? null : rare(${slot}, row))`,
    ].join(' ')
  }
  const objectOf = (slot: number): string =>
    `{ ${recordFields(slots, slot)
      .map(([name, field]) => `${JSON.stringify(name)}: ${valueOf(field)}`)
      .join(', ')} }`

  const record = valueOf(0)
  return [
    `// ${title.replaceAll(/[^\x20-\x7e]/g, '?')}`,
    `'use strict'`,
    'const { columns, readText, parse, rare, bytes, scans } = $',
    `const plain = ${textFlag.unescaped | textFlag.ascii | textFlag.canonical}`,
    ...[...used].flatMap((slot) =>
      ['kinds', 'numbers', 'starts', 'ends', 'flags'].map((name) => `const ${name}${slot} = columns.${name}[${slot}]`),
    ),
    ...(texts.size > 0 ? textSource() : []),
    ...[...texts].flatMap(repeatedTextSource),
    'return function record(row) {',
    // Integers as such: without this each would be an object of its own, and be counted with as a fraction by who is given it.
    '  let n, i',
    `  return ${record}`,
    '}',
    '',
  ].join('\n')
}

/** A call of the host takes longer than to hand the bytes of a short text over one by one. */
function textSource(): string[] {
  const cases = Array.from({ length: shortTextMax }, (_, index) => {
    const bytes = Array.from({ length: index + 1 }, (_, at) => `bytes[start + ${at}]`)
    return `    case ${index + 1}: return fromCharCode(${bytes.join(', ')})`
  })
  return [
    'const { fromCharCode } = String',
    'function text(start, end) {',
    '  switch (end - start) {',
    `    case 0: return ''`,
    ...cases,
    '  }',
    '  return readText(start, end, true)',
    '}',
    // From behind, where numbers and times differ. Eight bytes of ASCII are one number: the bytes of NaN and of -0 are no ASCII.
    'const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)',
    'function isSame(start, end, otherStart, otherEnd) {',
    '  let left = end - start',
    '  if (left !== otherEnd - otherStart) return false',
    '  for (; left > 8; left -= 8)',
    '    if (view.getFloat64(start + left - 8, true) !== view.getFloat64(otherStart + left - 8, true)) return false',
    // What is left may reach into what was compared.
    '  if (end - start >= 8) return view.getFloat64(start, true) === view.getFloat64(otherStart, true)',
    '  while (left > 0) if (bytes[start + --left] !== bytes[otherStart + left]) return false',
    '  return true',
    '}',
  ]
}

/**
 * Records that stand side by side often have a text in common: a time, a sort key. To see that it is the one before costs a
 * third of making it anew (bench/scan.ts), and whoever is given the very same text may know so, too.
 */
function repeatedTextSource(slot: number): string[] {
  return [
    `let last${slot} = '', start${slot} = 0, end${slot} = 0, scan${slot} = -1`,
    `function text${slot}(start, end) {`,
    `  if (scan${slot} === scans[0] && isSame(start, end, start${slot}, end${slot})) return last${slot}`,
    `  scan${slot} = scans[0]`,
    `  start${slot} = start`,
    `  end${slot} = end`,
    `  return (last${slot} = text(start, end))`,
    '}',
  ]
}
