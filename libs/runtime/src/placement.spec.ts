import fc from 'fast-check'
import { folderStorage, memoryStorage } from '@lightflus/storage'
import type { DeploymentOptions } from './deployment.ts'
import { workerOfSlot, type Placement } from './placement.ts'
import { startDeployment } from './start-deployment.ts'
import { joinDeployment } from './workers/join-deployment.ts'

const placement: Placement = {
  worker: 0,
  workers: 2,
  exchange: { name: 'bus', kind: 'kafka', options: { brokers: ['127.0.0.1:9'] } },
  topicPrefix: 'tenant.orders.1',
}
const placed = (
  changed: Partial<Placement>,
  parallelism = 2,
): DeploymentOptions & { readonly placement: Placement } => ({
  jobName: 'orders',
  bundlePath: 'orders.mjs',
  parallelism,
  storage: folderStorage('checkpoints'),
  checkpointIntervalMs: null,
  restore: 'newest',
  placement: { ...placement, ...changed },
})

describe('the placement of a deployment', () => {
  it('gives each worker a contiguous share of slots, and none more than one more than another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 128 }), (parallelism, workers) => {
        fc.pre(workers <= parallelism)
        const slots = Array.from({ length: parallelism }, (_, slot) => workerOfSlot(slot, parallelism, workers))
        expect(slots).toEqual(slots.toSorted((a, b) => a - b))
        const shares = [...Map.groupBy(slots, (worker) => worker).values()].map(({ length }) => length)
        expect(shares).toHaveLength(workers)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it.each([
    ['more workers than slots', placed({ workers: 3 }), 'placement.workers must be'],
    ['a worker that is none of them', placed({ worker: 2 }), 'placement.worker must be a whole number from 0 to 1'],
    ['no exchange', placed({ exchange: undefined as never }), 'placement.exchange must be a connection to Kafka'],
    [
      'an exchange of another kind',
      placed({ exchange: { ...placement.exchange, kind: 'redis' } }),
      'placement.exchange',
    ],
    ['a prefix that Kafka does not take', placed({ topicPrefix: 'a/b' }), 'placement.topicPrefix'],
    ['checkpoints in memory', { ...placed({}), storage: memoryStorage() }, 'storage must be a durable one'],
  ])('refuses %s', async (_, options, problem) => {
    const { state, error } = await startDeployment(options).done
    expect({ state, code: error?.code }).toEqual({ state: 'FAILED', code: 'LF_DEPLOYMENT_OPTION' })
    expect(error?.message).toContain(problem)
  })

  it('lets worker 0 start a deployment and all others join it', async () => {
    const refused = expect.objectContaining({ code: 'LF_DEPLOYMENT_OPTION' }) as object
    expect(() => joinDeployment(placed({ worker: 0 }))).toThrow('and joins none')
    expect(await startDeployment(placed({ worker: 1 })).done).toMatchObject({ state: 'FAILED', error: refused })
  })

  it('needs no exchange where one worker holds all slots', async () => {
    const alone = placed({ workers: 1, exchange: undefined as never })
    const { error } = await startDeployment({ ...alone, restart: { failuresMax: 0 } }).done
    // The program is not there; the placement was no problem.
    expect(error?.code).not.toBe('LF_DEPLOYMENT_OPTION')
  })
})
