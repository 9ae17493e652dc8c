import { emittedRecordsMax } from '../operators/operator.ts'
import type { FusedKind } from './segments.ts'
import { indented, printable } from './source-text.ts'

/** One operator of a segment, as far as its source text depends on it. */
export interface SegmentStep {
  readonly operator: string
  readonly kind: FusedKind
}

/** What a record has for a key: the one that it came with, one that a keyBy of the segment made, or none as it is another record. */
export type KeyAt = 'given' | 'made' | 'none'

/** The keys of records that reach each step and, last, of those that leave. */
export function keysAt(steps: readonly SegmentStep[]): KeyAt[] {
  const keys: KeyAt[] = ['given']
  for (const { kind } of steps)
    keys.push(kind === 'keyBy' ? 'made' : kind === 'map' || kind === 'flatMap' ? 'none' : keys.at(-1)!)
  return keys
}

/** Whether results are other values than the records of the batch. */
export const makesValues = (steps: readonly SegmentStep[]): boolean =>
  steps.some(({ kind }) => kind === 'map' || kind === 'flatMap')

/** Whether results are not just one for each record that did not fail: the loop then makes their times and positions, too. */
export const makesTimes = (steps: readonly SegmentStep[]): boolean =>
  steps.some(({ kind }) => kind === 'filter' || kind === 'flatMap')

/**
 * Text of the body of a function of `$` (SegmentRuntime) that returns the loop of a segment (SegmentLoop): each record goes
 * through all of its operators before the next one does, and its results into arrays. As every segment has a text of its
 * own, the machine's compiler sees one function of the program behind each call in it, and makes one piece of code of
 * both; operators as objects share their loops, and cost two to four times as much (bench/chain.ts).
 */
export function segmentSource(title: string, steps: readonly SegmentStep[]): string {
  const flatMap = steps.findIndex(({ kind }) => kind === 'flatMap')
  const loop = flatMap === -1 ? straightLoop(steps) : flatLoop(steps, flatMap)
  const made = madeArrays(steps)
  const usual = makesTimes(steps) ? 'usual' : 'values.length - from'
  const lines = [
    `// ${printable(title)}`,
    `'use strict'`,
    ...steps.flatMap((step, index) =>
      step.kind === 'union' ? [] : [`const ${nameOf(step, index)} = $.functions[${index}]`],
    ),
    ...(makesTimes(steps) ? ['let usual = 0'] : []),
    'return function segment(batch, from) {',
    '  const { values } = batch',
    ...(makesTimes(steps)
      ? [
          '  const givenTimes = batch.timestamps, givenKeys = batch.keys',
          '  const givenPositions = batch.origin?.positions, givenRows = batch.scanned?.rows',
        ]
      : []),
    // What grows leaves three times of it behind for the garbage collector. One expression each, since the machine learns
    // by expression what such arrays hold.
    ...made.map(
      ({ name, given }) => `  const ${name} = ${given ? `${given} === undefined ? [] : ` : ''}new Array(${usual})`,
    ),
    '  const skipped = []',
    `  const lost = [${steps.map(() => 0).join(', ')}]`,
    ...steps.flatMap(counterOf),
    '  let row = from, step = 0, left = 0, key',
    ...(flatMap === -1 ? [] : ['  const parts = []', '  let part = 0']),
    '  try {',
    '    for (;;) {',
    '      try {',
    '        for (; row < values.length; row++) {',
    ...indented(5, loop),
    '        }',
    '        break',
    '      } catch (thrown) {',
    '        const at = row',
    '        lost[step]++',
    ...indented(4, goOn(steps, flatMap)),
    '        $.failed(step, thrown, batch, at, key)',
    '      }',
    '    }',
    '  } finally {',
    ...indented(2, metrics(steps, flatMap)),
    '  }',
    ...made.map(({ name, given }) => `  ${given ? `if (${given} !== undefined) ` : ''}${name}.length = left`),
    ...(makesTimes(steps) ? ['  usual = left'] : []),
    `  return { ${['next: row', ...made.map(({ name }) => name), 'skipped'].join(', ')} }`,
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function straightLoop(steps: readonly SegmentStep[]): string[] {
  const { lines } = callsOf(steps, 0, steps.length, 'record')
  return ['const record = values[row]', ...lines, ...leave(steps)]
}

/** What a flatMap yields is taken whole before any of it goes on, since its function may throw halfway. */
function flatLoop(steps: readonly SegmentStep[], flatMap: number): string[] {
  const before = callsOf(steps, 0, flatMap, 'record')
  const behind = callsOf(steps, flatMap + 1, steps.length, `result${flatMap}`)
  return [
    'if (part === parts.length) {',
    '  const record = values[row]',
    ...indented(1, before.lines),
    `  // ${titleOf(steps[flatMap])}`,
    `  step = ${flatMap}`,
    '  part = parts.length = 0',
    `  $.append(${flatMap}, parts, ${nameOf(steps[flatMap], flatMap)}(${before.value}))`,
    `  passed${flatMap} += parts.length`,
    '}',
    'while (part < parts.length) {',
    `  const result${flatMap} = parts[part++]`,
    ...indented(1, [...behind.lines, ...leave(steps)]),
    '}',
    // The batch has a bound; the results of one record stay together.
    `if (left >= ${emittedRecordsMax}) {`,
    '  row++',
    '  break',
    '}',
  ]
}

/** The name of what leaves: the result of the last step that makes another value of its own. */
function valueBehind(steps: readonly SegmentStep[]): string {
  const last = steps.findLastIndex(({ kind }) => kind === 'map' || kind === 'flatMap')
  return last === -1 ? 'record' : `result${last}`
}

/** Calls of the steps from one to before another, and the name of what they end with. */
function callsOf(steps: readonly SegmentStep[], from: number, to: number, given: string) {
  const lines: string[] = []
  let value = given
  for (let index = from; index < to; index++) {
    const step = steps[index]
    if (step.kind === 'union') continue
    const call = `${nameOf(step, index)}(${value})`
    lines.push(`// ${titleOf(step)}`, `step = ${index}`, ...callOf(step.kind, index, call, makesTimes(steps)))
    if (step.kind === 'map') value = `result${index}`
  }
  return { lines, value }
}

function callOf(kind: FusedKind, index: number, call: string, isMakingTimes: boolean): string[] {
  if (kind === 'map')
    return [
      `const result${index} = ${call}`,
      `if (isFirst${index}) {`,
      `  isFirst${index} = false`,
      `  $.refusePromise(${index}, result${index})`,
      '}',
    ]
  if (kind === 'filter')
    return [
      `const passes${index} = ${call}`,
      `if (passes${index} !== true && (passes${index} === false || !$.isTruthy(${index}, passes${index}))) continue`,
      `passed${index}++`,
    ]
  return [
    `const key${index} = ${call}`,
    // NaN equals nothing, itself included.
    `if (typeof key${index} !== 'string' && (typeof key${index} !== 'number' || key${index} !== key${index}) && typeof key${index} !== 'boolean') {`,
    `  $.unusableKey(${index}, key${index}, batch, row, key)`,
    `  lost[${index}]++`,
    ...(isMakingTimes ? [] : ['  skipped.push(row)']),
    '  continue',
    '}',
    `key = key${index}`,
  ]
}

interface MadeArray {
  readonly name: string
  /** What is put into it of a record. */
  readonly value: string
  /** Of the batch, what it is a selection of, where that may be missing. */
  readonly given?: string
}

/** Where each record has one result, times and positions are those of the batch, as are values and keys that nothing changes. */
function madeArrays(steps: readonly SegmentStep[]): MadeArray[] {
  const isMakingTimes = makesTimes(steps)
  const keys = keysAt(steps).at(-1)
  return [
    ...(makesValues(steps) || isMakingTimes ? [{ name: 'results', value: valueBehind(steps) }] : []),
    ...(keys === 'made' ? [{ name: 'keys', value: 'key' }] : []),
    ...(keys === 'given' && isMakingTimes ? [{ name: 'keys', value: 'givenKeys[row]', given: 'givenKeys' }] : []),
    ...(isMakingTimes
      ? [
          { name: 'times', value: 'givenTimes[row]' },
          { name: 'positions', value: 'givenPositions[row]', given: 'givenPositions' },
          { name: 'rows', value: 'givenRows[row]', given: 'givenRows' },
        ]
      : []),
  ]
}

const leave = (steps: readonly SegmentStep[]): string[] => [
  ...madeArrays(steps).map(
    ({ name, value, given }) => `${given ? `if (${given} !== undefined) ` : ''}${name}[left] = ${value}`,
  ),
  'left++',
]

/** After a failure: with the next record, or with the next result of the flatMap where one of its results failed. */
function goOn(steps: readonly SegmentStep[], flatMap: number): string[] {
  if (flatMap === -1) return [...(makesTimes(steps) ? [] : ['skipped.push(row)']), 'row++']
  return [`if (step <= ${flatMap}) part = parts.length = 0`, 'if (part === parts.length) row++']
}

function counterOf({ kind }: SegmentStep, index: number): string[] {
  if (kind === 'map') return [`  let isFirst${index} = true`]
  return kind === 'filter' || kind === 'flatMap' ? [`  let passed${index} = 0`] : []
}

/** What came to each operator and left it; what leaves the last one is counted where it is emitted. */
function metrics(steps: readonly SegmentStep[], flatMap: number): string[] {
  const started = flatMap === -1 ? 'row - from' : 'row - from + (part < parts.length ? 1 : 0)'
  return [
    `let count = ${started}`,
    ...steps.flatMap(({ kind }, index) => {
      const out = kind === 'filter' || kind === 'flatMap' ? `passed${index}` : `count - lost[${index}]`
      const isLast = index === steps.length - 1
      return [
        `$.metrics[${index}].recordsIn += count`,
        ...(isLast ? [] : [`count = ${out}`, `$.metrics[${index}].recordsOut += count`]),
      ]
    }),
  ]
}

const nameOf = ({ operator, kind }: SegmentStep, index: number): string =>
  `${kind}${index}_${operator.replaceAll(/[^A-Za-z0-9]/g, '_')}`

const titleOf = ({ kind, operator }: SegmentStep): string => `${kind} ${printable(operator)}`
