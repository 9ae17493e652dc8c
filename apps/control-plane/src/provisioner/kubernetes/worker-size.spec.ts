import fc from 'fast-check'
import { tenantResources, workerResources } from './worker-size.ts'

const amount = (quantity: string) => Number(/^\d+/.exec(quantity)![0])

test('a tenant’s quota has room for its workers, however its slots are spread over them', () => {
  const positive = (max: number) => fc.integer({ min: 1, max })
  const spread = fc.array(positive(16), { minLength: 1, maxLength: 20 })
  const cpu = positive(2_000).chain((cpuRequest) =>
    fc.record({ cpuRequest: fc.constant(cpuRequest), cpuLimit: fc.integer({ min: cpuRequest, max: 4_000 }) }),
  )
  fc.assert(
    fc.property(spread, cpu, positive(2 ** 32), (slotsOfWorkers, slot, slotHeapBytesMax) => {
      const slotsMax = slotsOfWorkers.reduce((sum, slots) => sum + slots, 0)
      const tenant = { slotsMax, workersMax: slotsOfWorkers.length }
      const quota = tenantResources({ slot, tenant }, slotHeapBytesMax)
      const workers = slotsOfWorkers.map((slots) => workerResources({ slots, slotHeapBytesMax }, slot))
      for (const kind of ['requests', 'limits'] as const)
        for (const resource of ['cpu', 'memory'] as const) {
          const used = workers.reduce((sum, worker) => sum + amount(worker[kind][resource]), 0)
          expect(used).toBe(amount(quota[kind][resource]))
        }
    }),
  )
})

test('memory is promised in full, CPU in part', () => {
  expect(workerResources({ slots: 2, slotHeapBytesMax: 256 * 2 ** 20 }, { cpuRequest: 100, cpuLimit: 1_000 })).toEqual({
    requests: { cpu: '250m', memory: '1024Mi', 'ephemeral-storage': '256Mi' },
    limits: { cpu: '2500m', memory: '1024Mi', 'ephemeral-storage': '2304Mi' },
  })
})
