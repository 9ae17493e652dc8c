import { indented, printable } from '../compiled/source-text.ts'
import { textFlag, valueKind } from '../scan/scan-types.ts'
import { numberMax, outputBytesMax } from './json-output.ts'
import type { WrittenShape } from './written-shape.ts'

/**
 * Text of the body of a function of `$` (EncoderRuntime) that returns a sink's loop (EncoderLoop): the texts of records
 * that came from a scan, one after the other, the scanned parts copied from where they were scanned. It stops at a record
 * that did not, at one that has no text of its own, and where the output is full.
 * @param calls whether a function of the sink makes of each record what is written.
 */
export function encoderSource(title: string, shape: WrittenShape, calls: boolean): string {
  const slots = [...new Set(slotsOf(shape))]
  const lines = [
    `// ${printable(title)}`,
    `'use strict'`,
    'const { out, source, sourceView } = $',
    ...namesOf(shape).map(([id, name]) => `const name${id} = $.nameOf(${JSON.stringify(name)})`),
    ...slots.flatMap((slot) =>
      ['kinds', 'starts', 'ends', 'flags'].map((name) => `const ${name}${slot} = $.columns.${name}[${slot}]`),
    ),
    'return function encode(values, rows, first, starts, ends, indices) {',
    '  let index = first, count = 0, top = 0, start = 0',
    '  for (;;) {',
    '    try {',
    '      for (; index < values.length && count < starts.length; index++) {',
    '        const row = rows[index]',
    '        start = top',
    ...indented(4, [...stops(shape), `const value = ${calls ? '$.fn(values[index])' : 'values[index]'}`]),
    ...indented(4, recordLines(shape, slots)),
    '        starts[count] = start',
    '        ends[count] = top',
    // Behind the end of what is reserved there is always room for it.
    '        out.bytes[top++] = 10',
    '        indices[count++] = index',
    `        if (top > ${outputBytesMax}) {`,
    '          index++',
    '          break',
    '        }',
    '      }',
    '      break',
    '    } catch (thrown) {',
    '      top = start',
    '      $.failed(thrown, index++)',
    '    }',
    '  }',
    '  $.next = index',
    '  return count',
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function slotsOf(shape: WrittenShape): number[] {
  if (shape.kind === 'object') return [...shape.fields.values()].flatMap(slotsOf)
  return shape.kind === 'text' ? [shape.slot] : []
}

/** Null, text and nothing at all are no JSON to a sink. */
function stops(shape: WrittenShape): string[] {
  if (shape.kind !== 'text') return ['if (row < 0) break']
  const { missing, null: none, string } = valueKind
  const kind = `kinds${shape.slot}[row]`
  return [`if (row < 0 || ${[missing, none, string].map((each) => `${kind} === ${each}`).join(' || ')}) break`]
}

function recordLines(shape: WrittenShape, slots: readonly number[]): string[] {
  const copied = slots.map(
    (slot) => `(kinds${slot}[row] === ${valueKind.missing} ? 0 : ends${slot}[row] - starts${slot}[row])`,
  )
  const need = [fixedBytes(shape), ...copied].join(' + ')
  return [
    `const need = ${need}`,
    'if (top + need > out.limit) out.reserve(top, need)',
    ...(shape.kind === 'text' ? wholeText(shape) : shape.kind === 'object' ? objectLines(shape, 'value', '0') : []),
  ]
}

/** What names, numbers and brackets of a record take up at most; strings and other values make room for themselves. */
function fixedBytes(shape: WrittenShape, name = ''): number {
  const own = bytesOf(nameText(name)).length + numberMax
  if (shape.kind !== 'object') return own
  return [...shape.fields].reduce((sum, [field, each]) => sum + fixedBytes(each, field), own)
}

/** Whatever is canonical, but what a function of the program that has it may have changed inside. */
const isCopied = (slot: number, isRead: boolean): string =>
  `(flags${slot}[row] & ${textFlag.canonical}) !== 0${
    isRead ? ` && kinds${slot}[row] !== ${valueKind.object} && kinds${slot}[row] !== ${valueKind.array}` : ''
  }`

const copy = (slot: number): string => `out.copy(top, sourceView, source, starts${slot}[row], ends${slot}[row])`

function wholeText({ slot, isRead }: WrittenShape & { kind: 'text' }): string[] {
  return [
    `if (${isCopied(slot, isRead)}) top = ${copy(slot)}`,
    `else top = out.text(top, ${isRead ? '$.jsonOf(value)' : `$.again(starts${slot}[row], ends${slot}[row])`}, 0)`,
  ]
}

/** Fields are written with a comma before each; the first one's is where the object's bracket has to be. */
function objectLines({ fields }: WrittenShape & { kind: 'object' }, value: string, id: string): string[] {
  return [
    `const open${id} = top`,
    ...[...fields].flatMap(([name, field], index) =>
      fieldLines(name, field, `${value}[${JSON.stringify(name)}]`, `${id}_${index}`),
    ),
    `if (top === open${id}) top++`,
    `out.bytes[open${id}] = 123`,
    'out.bytes[top++] = 125',
  ]
}

function fieldLines(name: string, shape: WrittenShape, value: string, id: string): string[] {
  if (shape.kind === 'object') {
    const own = `value${id}`
    return [`// ${printable(name)}`, `const ${own} = ${value}`, ...nameLines(name), ...objectLines(shape, own, id)]
  }
  const other = `top = out.field(top, name${id}, ${shape.kind === 'value' ? `value${id}` : value}, need)`
  if (shape.kind === 'value')
    return [
      `// ${printable(name)}`,
      `const value${id} = ${value}`,
      `if (typeof value${id} === 'number') {`,
      ...indented(1, [...nameLines(name), `top = out.number(top, value${id})`]),
      `} else ${other}`,
    ]
  const { slot, isRead } = shape
  return [
    `// ${printable(name)}, as it was scanned`,
    `if (kinds${slot}[row] !== ${valueKind.missing} && ${isCopied(slot, isRead)}) {`,
    ...indented(1, [...nameLines(name), `top = ${copy(slot)}`]),
    // What is missing may still be something: the length of a text that stands where an object was expected.
    `} else if (${isRead ? 'true' : `kinds${slot}[row] === ${valueKind.missing}`}) ${other}`,
    'else {',
    ...indented(1, [...nameLines(name), `top = out.text(top, $.again(starts${slot}[row], ends${slot}[row]), need)`]),
    '}',
  ]
}

const nameText = (name: string): string => `,${JSON.stringify(name)}:`

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Written by words, of which the last may hold more than there is to write. */
function nameLines(name: string): string[] {
  const bytes = bytesOf(nameText(name))
  const padded = new Uint8Array(bytes.length + 4)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 4)
    lines.push(`out.view.setInt32(top + ${at}, ${view.getInt32(at, true)}, true)`)
  return [...lines, `top += ${bytes.length}`]
}

/** Names of the fields of a shape that are written with whatever value they have, by the ids of their constants. */
function namesOf(shape: WrittenShape, id = '0'): [id: string, name: string][] {
  if (shape.kind !== 'object') return []
  return [...shape.fields].flatMap(([name, field], index) => {
    const own = `${id}_${index}`
    return field.kind === 'object' ? namesOf(field, own) : [[own, name] as [string, string]]
  })
}
