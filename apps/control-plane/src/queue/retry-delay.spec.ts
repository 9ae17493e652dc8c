import { expect, it } from '@jest/globals'
import { retryDelay } from './retry-delay.ts'

it('grows by a factor of two up to its maximum', () => {
  expect([1, 2, 3, 6, 7, 8, 10].map(retryDelay)).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000])
})
