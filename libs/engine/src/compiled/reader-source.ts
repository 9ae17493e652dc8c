import { noTimestamp } from '../record.ts'
import { timestampMax } from '../watermark/event-time.ts'
import { indented, printable } from './source-text.ts'

/** What a source does with a payload. */
export interface ReaderSteps {
  readonly decodes: boolean
  readonly validates: boolean
  /** By a function of the program; else by the timestamps that records come with. */
  readonly dates: boolean
  /** Payloads have been scanned: only those that the scanner left are decoded and validated. */
  readonly scans: boolean
}

/**
 * Text of the body of a function of `$` (ReaderRuntime) that returns a source's loop (ReaderLoop): payloads become records
 * with their event times. As every source has a text of its own, its functions become one piece of code with the loop.
 */
export function readerSource(title: string, steps: ReaderSteps): string {
  // Made as long as they can become: those that grow leave three times of it behind for the garbage collector.
  const made = [...(makesRecords(steps) ? ['values'] : []), 'times', ...(steps.scans ? ['rows'] : [])]
  const lines = [
    `// ${printable(title)}`,
    `'use strict'`,
    'return function read(payloads, givenTimes, first, count) {',
    `  const ${made.map((name) => `${name} = new Array(count)`).join(', ')}, skipped = []`,
    `  let row = 0, kept = 0, newest = ${noTimestamp}, phase = 'decode', plain = 0`,
    '  for (;;) {',
    '    try {',
    '      for (; row < count; row++) {',
    ...indented(4, [...valueLines(steps), ...timeLines(steps), ...keepLines(steps)]),
    '      }',
    '      break',
    '    } catch (thrown) {',
    '      $.reject(thrown, phase, first + row)',
    '      skipped.push(row++)',
    '    }',
    '  }',
    `  if (kept < count) ${made.map((name) => `${name}.length = `).join('')}kept`,
    `  return { ${[...made, 'skipped', 'newest', 'plain'].join(', ')} }`,
    '}',
  ]
  return `${lines.join('\n')}\n`
}

/** Whether values are not the payloads themselves. */
export const makesRecords = ({ decodes, validates, scans }: ReaderSteps): boolean => decodes || validates || scans

function valueLines({ decodes, validates, scans }: ReaderSteps): string[] {
  const payload = scans ? '$.payloadAt(payloads, first + row)' : 'payloads[first + row]'
  const decoded = decodes ? `$.decode(${payload})` : payload
  const lines = [
    ...(decodes ? [`phase = 'decode'`] : []),
    ...(validates
      ? [`const decoded = ${decoded}`, `phase = 'schema'`, 'value = $.accept($.validate(decoded))']
      : [`value = ${decoded}`]),
  ]
  if (!scans) return ['let value', ...lines]
  return [
    'let value',
    'if ($.scanned[row] === 1) value = $.record(row)',
    'else {',
    '  plain++',
    ...indented(1, lines),
    '}',
  ]
}

function timeLines({ dates }: ReaderSteps): string[] {
  return [
    `phase = 'eventTime'`,
    `const time = ${dates ? '$.eventTime(value)' : `givenTimes === undefined ? ${noTimestamp} : givenTimes[first + row] ?? ${noTimestamp}`}`,
    // As isEventTime says.
    `if (typeof time !== 'number' || !(time >= ${-timestampMax} && time <= ${timestampMax} || time === ${noTimestamp})) $.refuseTime(time)`,
  ]
}

function keepLines(steps: ReaderSteps): string[] {
  return [
    ...(makesRecords(steps) ? ['values[kept] = value'] : []),
    ...(steps.scans ? ['rows[kept] = $.scanned[row] === 1 ? row : -1'] : []),
    'times[kept++] = time',
    'if (time > newest) newest = time',
  ]
}
