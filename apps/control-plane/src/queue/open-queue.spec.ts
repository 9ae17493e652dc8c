import { expect, it } from '@jest/globals'
import { openQueue, queuePrefix } from './open-queue.ts'

it('needs no Redis', async () => {
  const queue = await openQueue({ redisUrl: null, embedded: true, dataDir: '/data' }, () => undefined)
  expect(queue.kind).toBe('in-process')
  await queue.close()
})

it('keeps platforms on one Redis apart, and control planes of one platform together', () => {
  const [one, two] = ['/one', '/two'].map((dataDir) => queuePrefix({ embedded: true, dataDir }))
  expect(one).not.toBe(two)
  expect(queuePrefix({ embedded: true, dataDir: '/one' })).toBe(one)
  expect(queuePrefix({ embedded: false, dataDir: '/one' })).toBe(queuePrefix({ embedded: false, dataDir: null }))
})
