import { avg, count, countIf, max, min, sum, where, type Aggregate, type Key } from '@lightflus/api'
import fc from 'fast-check'
import type { RecordBatch } from '../../record.ts'
import { makeOperator, type TestedOperator } from '../../testing/operator-table.ts'
import { createAggregate } from '../aggregate.ts'

// Goal: running folds in columns cannot be told from those of objects, by results, errors, counts or snapshots.

const numberOf = (value: unknown): number => {
  if (value === 'throw') throw new Error('no number')
  return value as number
}
const aggregates: Readonly<Record<string, Aggregate>> = {
  n: count(),
  large: countIf((value: unknown) => numberOf(value) > 1),
  total: sum(numberOf),
  least: min(numberOf),
  mean: avg(numberOf),
  mostOfSome: where((value: unknown) => value !== 2, max(numberOf)),
}

const cases = fc.record({
  names: fc.uniqueArray(fc.constantFrom(...Object.keys(aggregates)), { minLength: 1, maxLength: 3 }),
  onError: fc.constantFrom('skip' as const, 'fail' as const),
  emit: fc.constantFrom('updates', 'changelog'),
  bounded: fc.boolean(),
})
type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never

const operator = ({ names, onError, emit, bounded }: Case, columns: boolean): TestedOperator<'aggregate'> => ({
  kind: 'aggregate',
  create: createAggregate,
  onError,
  bounded,
  options: { aggregates: names, emit, input: 'records' },
  // What is spread has no columns.
  functions: {
    aggregates: Object.fromEntries(names.map((name) => [name, columns ? aggregates[name] : { ...aggregates[name] }])),
  },
})

const record = fc.record({
  key: fc.constantFrom<Key[]>('a', '1', 1, 0, -0, true, 1.5),
  value: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom<unknown[]>(1, 2, -3, 0.1, -0) },
    fc.constantFrom<unknown[]>('throw', NaN, undefined),
  ),
  timestamp: fc.constantFrom(Number.MIN_SAFE_INTEGER, 1, 2, 3),
})

async function outcome(
  given: Case,
  turns: readonly boolean[],
  batches: readonly (readonly { key: Key; value: unknown; timestamp: number }[])[],
) {
  const emitted: unknown[] = []
  const output = {
    emit: ({ values, timestamps, changes }: RecordBatch) =>
      values.forEach((value, i) => emitted.push([value, timestamps[i], changes?.[i] ?? 'insert'])),
    emitSide() {},
  }
  let run = makeOperator(operator(given, turns[0]))
  let skipped = 0
  const snapshots: unknown[] = []
  try {
    for (const [turn, batch] of batches.entries()) {
      const values = batch.map(({ value }) => value)
      const keys = batch.map(({ key }) => key)
      await run.operator.processBatch({ values, keys, timestamps: batch.map(({ timestamp }) => timestamp) }, output, 0)
      if (turns.length === 1) continue
      const { subtask, keyGroups } = structuredClone(run.operator.snapshot()!)
      snapshots.push(subtask, structuredClone([...keyGroups]))
      skipped += run.metrics.recordsSkipped
      run = makeOperator(operator(given, turns[(turn + 1) % turns.length]))
      run.operator.restore({ subtasks: [subtask], keyGroups })
    }
    await run.operator.onWatermark(Number.MAX_SAFE_INTEGER, output)
    await run.operator.endInput(output)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return { code, message }
  }
  return { emitted, skipped: skipped + run.metrics.recordsSkipped, snapshots }
}

test('running folds in columns are what they are as objects, in their order', async () => {
  await fc.assert(
    fc.asyncProperty(
      cases,
      fc.array(fc.array(record, { minLength: 1, maxLength: 8 }), { maxLength: 6 }),
      async (given, batches) => {
        expect(await outcome(given, [true], batches)).toStrictEqual(await outcome(given, [false], batches))
        expect(await outcome(given, [true, false], batches)).toStrictEqual(
          await outcome(given, [false, false], batches),
        )
      },
    ),
    { numRuns: 1_000 },
  )
})
