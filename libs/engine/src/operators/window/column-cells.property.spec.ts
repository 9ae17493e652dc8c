import { avg, count, countIf, max, min, stddev, sum, where, type Aggregate, type Key } from '@lightflus/api'
import fc from 'fast-check'
import type { TestedOperator } from '../../testing/operator-table.ts'
import { runSteps, windowSteps, type Step } from '../../testing/window-steps.ts'
import { createSlicedWindow } from './window.ts'

// Goal: state in columns cannot be told from state in maps of cells, by results, errors, counts or snapshots.

interface Value {
  readonly n: unknown
  readonly isIn: boolean
}

/** Throws of its own for some, and gives what is no number for others. */
function numberOf({ n }: Value): number {
  if (n === 'throw') throw new Error('no number')
  return n as number
}

const aggregates: Readonly<Record<string, Aggregate>> = {
  n: count(),
  some: countIf(({ isIn, n }: Value) => {
    if (n === 'refuse') throw new Error('refused')
    return isIn
  }),
  total: sum(numberOf),
  least: min(numberOf),
  most: max(numberOf),
  mean: avg(numberOf),
  spread: stddev(numberOf),
  totalOfSome: where(
    ({ isIn }: Value) => isIn,
    where(({ n }: Value) => n !== 7, sum(numberOf)),
  ),
  leastOfSome: where(({ isIn }: Value) => isIn, min(numberOf)),
  someOfSome: where(({ isIn }: Value) => isIn, count()),
}

const key: fc.Arbitrary<Key> = fc.oneof(
  fc.constantFrom<Key[]>(
    '',
    '1',
    'true',
    'Infinity',
    1,
    0,
    -0,
    true,
    false,
    Infinity,
    -Infinity,
    1.5,
    2 ** 31,
    -(2 ** 53),
  ),
  fc.nat(40),
  fc.nat(40).map(String),
)
const numericKey: fc.Arbitrary<Key> = fc.oneof(fc.constantFrom(-0, 0, Infinity, 0.1, 2 ** 40), fc.integer(), fc.nat(9))

const valueOf = (n: fc.Arbitrary<unknown>) => fc.record({ n, isIn: fc.boolean() })
const sound = valueOf(
  fc.oneof(
    fc.integer({ min: -2, max: 2 }),
    fc.constantFrom(-0, 0, 0.1, 1e300, 2 ** 53),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  ),
)
const mixed = valueOf(
  fc.oneof(
    { weight: 8, arbitrary: fc.nat(9) },
    fc.constantFrom<unknown>('throw', 'refuse', NaN, Infinity, undefined, null, '3', 3n),
  ),
)

const options = (columns: boolean, shape: Shape): TestedOperator<'window'> => ({
  kind: 'window',
  create: createSlicedWindow,
  bounded: shape.bounded,
  onError: shape.onError,
  options: {
    windower: { kind: 'tumbling', sizeMs: shape.sizeMs, offsetMs: shape.offsetMs, time: 'event' },
    allowedLatenessMs: shape.allowedLatenessMs,
    lateOutput: 'late',
    trigger: null,
    panes: 'accumulating',
    keyed: true,
    aggregates: shape.names,
  },
  functions: {
    // What is spread has no columns.
    aggregates: Object.fromEntries(
      shape.names.map((name) => [name, columns ? aggregates[name] : { ...aggregates[name] }]),
    ),
  },
})

interface Shape {
  readonly sizeMs: number
  readonly offsetMs: number
  readonly allowedLatenessMs: number
  readonly bounded: boolean
  readonly onError: 'skip' | 'fail'
  readonly names: string[]
}
const shape: fc.Arbitrary<Shape> = fc.record({
  sizeMs: fc.integer({ min: 1, max: 60 }),
  offsetMs: fc.nat(30),
  allowedLatenessMs: fc.oneof(fc.constant(0), fc.nat(40)),
  bounded: fc.boolean(),
  onError: fc.constantFrom('skip' as const, 'fail' as const),
  names: fc.uniqueArray(fc.constantFrom(...Object.keys(aggregates)), { minLength: 1, maxLength: 4 }),
})

/** Those that can be taken away, beside one that cannot. */
const summed = fc.uniqueArray(fc.constantFrom('n', 'some', 'total', 'mean', 'totalOfSome', 'least'), {
  minLength: 1,
  maxLength: 3,
})

/** Of keys no order is promised where windows overlap. */
function sorted(result: Awaited<ReturnType<typeof outcome>>) {
  return 'after' in result ? { ...result, after: result.after.map((emitted) => emitted.toSorted()) } : result
}

/** What came out, or the error that it ended with. */
async function outcome(testeds: readonly TestedOperator<'window'>[], all: readonly Step[]) {
  try {
    return await runSteps(testeds, all)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return { code, message }
  }
}

test.each([
  ['records that can be folded, keys of all types', windowSteps(key, sound)],
  ['records that can be folded, keys that are numbers', windowSteps(numericKey, sound)],
  ['some records that cannot', windowSteps(key, mixed)],
])('tumbling windows in columns are what they are in maps, in their order: %s', async (_name, steps) => {
  await fc.assert(
    fc.asyncProperty(shape, steps, fc.boolean(), async (windows, all, startsInColumns) => {
      const inMaps = await outcome([options(false, windows)], all)
      expect(await outcome([options(true, windows)], all)).toEqual(inMaps)
      // A snapshot of the one is restored by the other.
      const inTurn = [options(startsInColumns, windows), options(!startsInColumns, windows)]
      expect(await outcome(inTurn, all)).toEqual(inMaps)
    }),
    { numRuns: 400 },
  )
})

const fewKeys: fc.Arbitrary<Key> = fc.constantFrom<Key[]>('a', 1)

/** Added in any order they give one sum: how slices are merged cannot be seen. */
const quarters = fc.integer({ min: -99, max: 99 }).map((n) => n / 4)
const large = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -9, max: 9 }).map((n) => 1_024 * n) },
  fc.constant(2 ** 53),
)
const anyNumbers = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom(0.1, 0.2, 1e300, -1e300),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

test.each([
  ['quarters', quarters, undefined],
  ['integers beyond those that are safe', large, undefined],
  // One addition for a window of two slices: it has no order.
  ['any numbers, two slices a window', anyNumbers, 2],
])('sliding windows in columns are what they are in maps: %s', async (_name, numbers, slicesOfWindow) => {
  const slides = fc.record({ shape, slideMs: fc.integer({ min: 1, max: 25 }), names: summed })
  await fc.assert(
    fc.asyncProperty(
      slides,
      windowSteps(fewKeys, valueOf(numbers)),
      fc.boolean(),
      async (each, all, startsInColumns) => {
        const { slideMs, names } = each
        const sizeMs = slicesOfWindow === undefined ? each.shape.sizeMs : slicesOfWindow * slideMs
        const sliding = (columns: boolean) => {
          const tested = options(columns, { ...each.shape, names })
          const windower = { kind: 'sliding', sizeMs, slideMs, offsetMs: each.shape.offsetMs, time: 'event' }
          return { ...tested, options: { ...tested.options, windower } }
        }
        const inMaps = sorted(await outcome([sliding(false)], all))
        expect(sorted(await outcome([sliding(true)], all))).toEqual(inMaps)
        expect(sorted(await outcome([sliding(startsInColumns), sliding(!startsInColumns)], all))).toEqual(inMaps)
      },
    ),
    { numRuns: 500 },
  )
})
