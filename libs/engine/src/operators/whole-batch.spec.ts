import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'
import { createFilter } from './filter.ts'
import { createMap } from './map.ts'

// Goal: a function that takes whole batches is one call a batch, and for the rest cannot be told from one that does not.

function roots(): { fn: ((x: number) => number) & { batch: (xs: readonly number[]) => number[] }; sizes: number[] } {
  const sizes: number[] = []
  const batch = (xs: readonly number[]) => {
    sizes.push(xs.length)
    if (xs.some((x) => x < 0)) throw new Error('no root')
    return xs.map(Math.sqrt)
  }
  return { fn: Object.assign((x: number) => batch([x])[0], { batch }), sizes }
}
const mapping = (onError: 'fail' | 'skip' = 'fail'): TestedOperator<'map'> => ({
  kind: 'map',
  create: createMap,
  functions: { fn: roots().fn },
  onError,
})
const nowhere = { emit() {}, emitSide() {} }

test('a batch is one call', async () => {
  const { fn, sizes } = roots()
  const { operator } = makeOperator({ ...mapping(), functions: { fn } })
  await operator.processBatch({ values: [1, 4, 9], timestamps: [1, 2, 3] }, nowhere, 0)
  expect(sizes).toEqual([3])
})

test('map: results keep their event times; of a batch that fails, the record that does is named or skipped', async () => {
  await runTable(mapping(), 'in :4@1 :9@2\nout 2@1\nout 3@2')
  await expect(runTable(mapping(), 'in :4@1 :-9@2')).rejects.toThrow(
    'Job test, operator map-1, record p@:-9@2: no root',
  )
  const { metrics } = await runTable(mapping('skip'), 'in :4@1 :-9@2 :16@3\nout 2@1\nout 4@3')
  expect(metrics.recordsSkipped).toBe(1)
})

test('filter: what the batch says true to passes', async () => {
  const batch = (xs: readonly number[]) => xs.map((x) => x > 2)
  const fn = Object.assign((x: number) => batch([x])[0], { batch })
  await runTable({ kind: 'filter', create: createFilter, functions: { fn } }, 'in :4@1 :1@2 :3@3\nout 4@1\nout 3@3')
})
