import type { Key } from '@lightflus/api'
import fc from 'fast-check'
import { keyGroupOf, subtaskOfKeyGroup } from '../key-group.ts'
import type { OperatorState } from '../operators/operator.ts'
import { maxWatermark, type RecordBatch } from '../record.ts'
import { makeOperator, type TableRun, type TestedOperator } from './operator-table.ts'

export type Step =
  | { readonly do: 'batch'; readonly records: readonly { key: Key; value: unknown; timestamp: number }[] }
  | { readonly do: 'watermark'; readonly by: number; readonly first: number; readonly second: number }
  | { readonly do: 'restore'; readonly parallelism: 1 | 2 }

/** Event times move on with the steps, up to 40 ms back and forth: some are late, and some far ahead. */
export const windowSteps = (key: fc.Arbitrary<Key>, value: fc.Arbitrary<unknown>): fc.Arbitrary<readonly Step[]> =>
  fc
    .array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record({
            do: fc.constant('batch' as const),
            records: fc.array(fc.record({ key, value, timestamp: fc.integer({ min: -40, max: 40 }) }), {
              minLength: 1,
              maxLength: 6,
            }),
          }),
        },
        {
          weight: 3,
          arbitrary: fc.record({
            do: fc.constant('watermark' as const),
            by: fc.oneof(fc.nat(12), fc.constant(200)),
            first: fc.nat(1),
            second: fc.nat(1),
          }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            do: fc.constant('restore' as const),
            parallelism: fc.constantFrom(1 as const, 2 as const),
          }),
        },
      ),
      { maxLength: 25 },
    )
    .map((list) => {
      let now = 0
      return list.map((step, index): Step => {
        if (step.do === 'batch')
          return { ...step, records: step.records.map((record) => ({ ...record, timestamp: now + record.timestamp })) }
        if (step.do === 'watermark') {
          now += step.by
          return { ...step, by: now }
        }
        return { ...step, parallelism: index === list.length ? 1 : step.parallelism }
      })
    })

/**
 * Runs one or two subtasks by the steps.
 * @param testeds what runs first, and then what is restored each time, in turn: it has to be one operator by its state.
 * @returns what came out after each step, and how many records were late or skipped.
 */
export async function runSteps(testeds: readonly TestedOperator<'window'>[], all: readonly Step[]) {
  let turn = 0
  const make = () => makeOperator(testeds[turn % testeds.length])
  let subtasks: readonly TableRun[] = [make()]
  let emitted: string[] = []
  let recordsLate = 0
  let recordsSkipped = 0
  const count = () => {
    for (const { metrics } of subtasks) {
      recordsLate += metrics.recordsLate
      recordsSkipped += metrics.recordsSkipped
    }
  }
  const take = (name: string) => (batch: RecordBatch) => {
    batch.values.forEach((value, i) => emitted.push(`${name}${JSON.stringify(value, exactly)}@${batch.timestamps[i]}`))
  }
  const output = { emit: take(''), emitSide: (name: string, batch: RecordBatch) => take(`${name}: `)(batch) }
  const after: string[][] = []
  for (const step of [...all, { do: 'watermark' as const, by: maxWatermark, first: 1, second: 1 }]) {
    if (step.do === 'batch') {
      for (const [index, { operator }] of subtasks.entries()) {
        const own = step.records.filter(
          (record) => subtaskOfKeyGroup(keyGroupOf(record.key), subtasks.length) === index,
        )
        if (own.length === 0) continue
        const batch = {
          values: own.map(({ value }) => value),
          timestamps: own.map(({ timestamp }) => timestamp),
          keys: own.map((record) => record.key),
        }
        await operator.processBatch(batch, output, 0)
      }
    } else if (step.do === 'watermark') {
      // Subtasks may be apart, as they are where inputs are idle.
      for (const [index, { operator }] of subtasks.entries())
        if (subtasks.length === 1 || [step.first, step.second][index]) await operator.onWatermark(step.by, output)
    } else {
      const states = subtasks.map(({ operator }): OperatorState => structuredClone(operator.snapshot()!))
      count()
      turn++
      subtasks = Array.from({ length: step.parallelism }, (_, index) => {
        const run = make()
        const groups = states.flatMap(({ keyGroups }) => [...keyGroups])
        run.operator.restore({
          subtasks: states.map(({ subtask }) => subtask),
          keyGroups: new Map(groups.filter(([group]) => subtaskOfKeyGroup(group, step.parallelism) === index)),
        })
        return run
      })
    }
    after.push(emitted)
    emitted = []
  }
  count()
  return { after, recordsLate, recordsSkipped }
}

/** Numbers that JSON knows no text for. */
function exactly(_name: string, value: unknown): unknown {
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `number ${Object.is(value, -0) ? '-0' : value}`
    : value
}
