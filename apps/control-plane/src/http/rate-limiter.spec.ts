import fc from 'fast-check'
import { RateLimiter } from './rate-limiter.ts'

const limit = { requestsMax: 5, windowMs: 1_000 }

describe('a rate limit', () => {
  test('lets as many through as it says, and the next again later', () => {
    const limiter = new RateLimiter()
    const answers = Array.from({ length: 6 }, () => limiter.take('a', limit, 10_000))
    expect(answers.map((wait) => wait === 0)).toEqual([true, true, true, true, true, false])
    expect(limiter.take('b', limit, 10_000)).toBe(0)
    expect(limiter.take('a', limit, 11_900)).toBe(0)
  })

  test('never lets more than twice the limit through in any window, and all through at half of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (gaps) => {
        const limiter = new RateLimiter()
        let now = 1_000_000
        const passed: number[] = []
        for (const gap of gaps) {
          now += gap
          if (limiter.take('a', limit, now) === 0) passed.push(now)
        }
        for (const time of passed)
          expect(passed.filter((other) => other > time - limit.windowMs && other <= time).length).toBeLessThanOrEqual(
            limit.requestsMax * 2,
          )
      }),
    )
    const limiter = new RateLimiter()
    for (let now = 0; now < 60_000; now += 400) expect(limiter.take('a', limit, now)).toBe(0)
  })

  test('forgets the keys unused for longest instead of growing', () => {
    const limiter = new RateLimiter()
    for (let index = 0; index < 5; index++) limiter.take('first', limit, 1_000)
    for (let index = 0; index < 10_000; index++) limiter.take(`key ${index}`, limit, 1_000)
    expect(limiter.take('first', limit, 1_000)).toBe(0)
  })
})
