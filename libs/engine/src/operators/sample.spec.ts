import type { OperatorDefinition } from '@lightflus/api'
import { operatorContext } from '../testing/operator-context.ts'
import { runTable } from '../testing/operator-table.ts'
import { createSample } from './sample.ts'

const sampleOf = (options: { fraction: number; seed?: number }, subtask = { index: 0, parallelism: 1 }) => {
  const node = { id: 'sample-1', kind: 'sample', named: false, options: { seed: 1, ...options } }
  const operator = createSample(operatorContext({ node, functions: {} } as OperatorDefinition<'sample'>, { subtask }))
  const chosen: unknown[] = []
  const output = {
    emit: ({ values }: { values: readonly unknown[] }) => values.forEach((value) => chosen.push(value)),
    emitSide() {},
  }
  return {
    operator,
    take(from: number, count: number): unknown[] {
      const values = Array.from({ length: count }, (_, offset) => from + offset)
      void operator.processBatch({ values, timestamps: values }, output, 0)
      return chosen.splice(0)
    },
  }
}

test('a record is chosen for itself, the same whatever the cuts and restores', () =>
  runTable(
    { kind: 'sample', create: createSample, functions: {}, options: { fraction: 0.5, seed: 1 } },
    `
    in  a:1@1 a:2@2 a:3@3 a:4@4
    out
    in  a:5@5 a:6@6 a:7@7
    out 5@5
    in  a:8@8 a:9@9
    out 9@9
    `,
  ))

test.each([0, 0.01, 0.3, 1])('of many records a share of %p', (fraction) => {
  const count = 200_000
  const { length } = sampleOf({ fraction }).take(0, count)
  // Five standard deviations: the seed is fixed, so it is a share like this every time.
  expect(Math.abs(length - fraction * count)).toBeLessThanOrEqual(5 * Math.sqrt(count * fraction * (1 - fraction)))
})

test('seeds and subtasks choose other records', () => {
  const choices = [
    sampleOf({ fraction: 0.5 }),
    sampleOf({ fraction: 0.5, seed: 2 }),
    sampleOf({ fraction: 0.5 }, { index: 1, parallelism: 2 }),
  ].map((sample) => sample.take(0, 64).join())
  expect(new Set(choices).size).toBe(3)
})

test('a subtask goes on where the one of its number was; another seed begins anew', () => {
  const parallelism = 2
  const old = [0, 1].map((index) => sampleOf({ fraction: 0.5 }, { index, parallelism }))
  for (const sample of old) sample.take(0, 100)
  const subtasks = old.map(({ operator }) => structuredClone(operator.snapshot()!.subtask))
  const restored = [0, 1, 2].map((index) => {
    const sample = sampleOf({ fraction: 0.5 }, { index, parallelism: 3 })
    sample.operator.restore({ subtasks, keyGroups: new Map() })
    return sample.take(0, 50)
  })
  expect(restored).toEqual([
    old[0].take(0, 50),
    old[1].take(0, 50),
    sampleOf({ fraction: 0.5 }, { index: 2, parallelism: 3 }).take(0, 50),
  ])
  const reseeded = sampleOf({ fraction: 0.5, seed: 2 })
  reseeded.operator.restore({ subtasks, keyGroups: new Map() })
  expect(reseeded.take(0, 50)).toEqual(sampleOf({ fraction: 0.5, seed: 2 }).take(0, 50))
})
