import {
  avg,
  count,
  max,
  min,
  sliding,
  sum,
  tumbling,
  where,
  type Aggregate,
  type Key,
  type OperatorDefinition,
} from '@lightflus/api'
import fc from 'fast-check'
import { maxWatermark, minWatermark, type RecordBatch, type StreamElement } from '../../record.ts'
import { ExchangeOutput } from '../../subtask/exchange-output.ts'
import { operatorContext } from '../../testing/operator-context.ts'
import { windowSteps, type Step } from '../../testing/window-steps.ts'
import { createWindowCombiner } from './combiner.ts'
import { createWindow } from './window.ts'

// Goal: a window cannot tell partial results from the records that they stand for, by its results, by what is late or
// skipped, or after a checkpoint: also where the sender's watermark is behind the window's, as it is after idleness.

function numberOf(value: unknown): number {
  if (value === 'throw') throw new Error('no number')
  return value as number
}

/** An aggregate of a program's own, which tells the order of what it was given. */
const listed: Aggregate<unknown, number[], string> = {
  create: () => [],
  add: (held, value) => [...held, numberOf(value)],
  merge: (a, b) => [...a, ...b],
  result: (all) => all.join(),
}
class Tally {
  records = 0
  readonly plus = (n: number) => Object.assign(new Tally(), { records: this.records + n })
}
/** Its accumulators do not survive a structured clone. */
const tallied: Aggregate<unknown, Tally, number> = {
  create: () => new Tally(),
  add: (held) => held.plus(1),
  merge: (a, b) => a.plus(b.records),
  result: ({ records }) => records,
}
const isEven = (value: unknown): boolean => numberOf(value) % 2 === 0
const folds: readonly Readonly<Record<string, Aggregate>>[] = [
  { n: count() },
  { total: sum(numberOf) },
  { n: count(), total: sum(numberOf), least: min(numberOf), most: max(numberOf), mean: avg(numberOf) },
  { some: where(isEven, count()), totalOfSome: where(isEven, sum(numberOf)) },
  { listed },
  { n: count(), most: max(numberOf), listed },
]

function windowOf(aggregates: Readonly<Record<string, Aggregate>>, given: object = {}): OperatorDefinition<'window'> {
  const options = {
    onError: 'skip',
    windower: tumbling(10),
    allowedLatenessMs: 0,
    lateOutput: null,
    trigger: null,
    panes: 'accumulating',
    keyed: true,
    aggregates: Object.keys(aggregates),
    ...given,
  }
  const node = { id: 'window-1', kind: 'window' as const, named: false, options }
  return { node, functions: { aggregates } } as unknown as OperatorDefinition<'window'>
}

/** A window, and a subtask that sends to it. */
function play(operator: OperatorDefinition<'window'>, combines: boolean, bounded: boolean) {
  const onError = operator.node.options['onError'] as 'skip' | 'fail'
  const make = () => operatorContext(operator, { onError, bounded })
  let context = make()
  let window = createWindow(context)
  const emitted: string[] = []
  let partials = 0
  let recordsLate = 0
  let recordsSkipped = 0
  const output = {
    emit: ({ values, timestamps }: RecordBatch) =>
      values.forEach((value, i) => emitted.push(`${JSON.stringify(value)}@${timestamps[i]}`)),
    emitSide() {},
  }
  const channel = {
    send(element: StreamElement) {
      if (element.kind !== 'batch') return
      partials += element.batch.counts?.length ?? 0
      return window.processBatch(structuredClone(element.batch), output, 0)
    },
  }
  const { failures } = make()
  const sender = () =>
    new ExchangeOutput([channel], 'keyed', 0, combines ? createWindowCombiner(operator, failures) : undefined)
  let sending = sender()
  const count = () => {
    recordsLate += context.metrics.recordsLate
    recordsSkipped += context.metrics.recordsSkipped
  }
  return {
    emitted,
    batch: (batch: RecordBatch) => sending.emit(batch),
    watermark: (timestamp: number, idle: boolean) => sending.broadcast({ kind: 'watermark', timestamp, idle }),
    /** Of all senders. */
    reach: (watermark: number) => window.onWatermark(watermark, output),
    restart() {
      void sending.broadcast({ kind: 'barrier', checkpoint: 1, attempt: 1, final: true })
      const { subtask, keyGroups } = structuredClone(window.snapshot()!)
      count()
      context = make()
      window = createWindow(context)
      window.restore({ subtasks: [subtask], keyGroups: new Map(keyGroups) })
      sending = sender()
    },
    counts() {
      count()
      return { recordsLate, recordsSkipped }
    },
    get partials() {
      return partials
    },
  }
}

async function run(operator: OperatorDefinition<'window'>, steps: readonly Step[], combines: boolean, bounded = false) {
  const played = play(operator, combines, bounded)
  const after: string[][] = []
  let own = minWatermark
  let isIdle = false
  for (const step of [...steps, { do: 'watermark' as const, by: maxWatermark, first: 1, second: 1 }]) {
    if (step.do === 'batch') {
      if (isIdle) await played.watermark(own, (isIdle = false))
      const { records } = step
      await played.batch({
        values: records.map(({ value }) => value),
        timestamps: records.map(({ timestamp }) => timestamp),
        keys: records.map(({ key }) => key),
      })
    } else if (step.do === 'watermark') {
      isIdle = step.first === 0
      if (!isIdle) own = step.by
      await played.watermark(own, isIdle)
      await played.reach(step.by)
    } else played.restart()
    // Of one watermark, the order of keys is that in which they came to the window.
    after.push(played.emitted.splice(0).sort())
  }
  return { after, ...played.counts(), partials: played.partials }
}

const key: fc.Arbitrary<Key> = fc.constantFrom<Key[]>('a', 'b', '1', 1, true)
const whole = fc.integer({ min: -5, max: 9 })
const windowers = fc.constantFrom(
  tumbling(10),
  tumbling(7, { offset: 3 }),
  sliding(20, { every: 5 }),
  sliding(10, { every: 4, offset: 1 }),
  sliding(5, { every: 8 }),
)

test('a window gives the same of records and of what they were combined to', async () => {
  let combined = 0
  await fc.assert(
    fc.asyncProperty(
      windowers,
      fc.constantFrom(...folds),
      windowSteps(key, fc.oneof({ weight: 12, arbitrary: whole }, fc.constantFrom('throw', 0.25))),
      fc.boolean(),
      fc.boolean(),
      async (windower, aggregates, steps, keyed, bounded) => {
        const lateness = bounded ? { allowedLatenessMs: 6 } : {}
        const operator = windowOf(aggregates, { windower, keyed, ...lateness })
        const { partials, ...given } = await run(operator, steps, true, bounded)
        const { partials: none, ...plain } = await run(operator, steps, false, bounded)
        expect(given).toEqual(plain)
        expect(none).toBe(0)
        combined += partials
      },
    ),
    { numRuns: 1_500 },
  )
  expect(combined).toBeGreaterThan(1_000)
})

const batchOf = (keys: readonly Key[], values: readonly unknown[] = keys): RecordBatch => ({
  values,
  timestamps: keys.map(() => 5),
  keys,
})

test('a record on which a function throws fails the window where the job asks for it', () => {
  for (const aggregates of [folds[1], folds[5]]) {
    const { batch, watermark } = play(windowOf(aggregates, { onError: 'fail' }), true, false)
    expect(() => {
      void batch(batchOf(['a', 'b'], [1, 'throw']))
      void watermark(100, false)
    }).toThrow(
      expect.objectContaining({ code: 'LF_USER_FUNCTION', details: expect.objectContaining({ operator: 'window-1' }) }),
    )
  }
})

test('where few records have a key in common they go on as they are, behind what was combined before', async () => {
  for (const aggregates of [folds[0], folds[4]]) {
    const played = play(windowOf(aggregates), true, false)
    for (let n = 0; n < 8; n++) await played.batch(batchOf(Array.from({ length: 512 }, (_, i) => n * 512 + i)))
    await played.watermark(minWatermark, true)
    const before = played.partials
    expect(before).toBe(4_096)
    await played.batch(batchOf([1, 2, 3]))
    await played.watermark(100, false)
    expect(played.partials).toBe(before)
    await played.reach(100)
    expect(played.emitted).toHaveLength(4_096)
  }
})

test('what goes on as it is does not overtake what was combined before', async () => {
  const played = play(windowOf({ listed }), true, false)
  await played.batch(batchOf(Array.from({ length: 2_000 }, (_, i) => i)))
  const later = (value: number): RecordBatch => ({ values: [value], timestamps: [15], keys: ['a'] })
  await played.batch(later(1))
  await played.watermark(10, false)
  await played.batch(later(2))
  expect(played.partials).toBe(2_001)
  await played.reach(100)
  expect(played.emitted.at(-1)).toContain('"listed":"1,2"')
})

test('accumulators that would not arrive as they are stay where they are', async () => {
  const played = play(windowOf({ tallied }), true, false)
  for (let n = 0; n < 3; n++) await played.batch(batchOf(['a', 'b', 'a']))
  await played.reach(100)
  expect(played.partials).toBe(0)
  expect(played.emitted.map((row) => row.replace(/,.*,/, ','))).toEqual([
    '{"key":"a","tallied":6}@9',
    '{"key":"b","tallied":3}@9',
  ])
})
