import fc from 'fast-check'
import { LightflusError } from '@lightflus/api'
import { decideRestart } from './restart-policy.ts'

const policy = { delayMs: 100, delayMsMax: 1_000, failuresMax: 5, windowMs: 10_000 }
const gone = new LightflusError('LF_CONNECTION_LOST', 'gone')

describe('the decision to restart', () => {
  it('doubles its pause with each failure in the window, up to the longest', () => {
    const pauses = [1, 2, 3, 4, 5].map((count) => {
      const failures = Array.from({ length: count }, (_, index) => index)
      return decideRestart(policy, { error: gone, failures, now: 10, random: 1 })
    })
    expect(pauses).toEqual([100, 200, 400, 800, 1_000].map((delayMs) => ({ restart: true, delayMs })))
  })

  it('gives up at one failure more than the window may hold, and forgets those before it', () => {
    const failures = [0, 1, 2, 3, 4, 5]
    expect(decideRestart(policy, { error: gone, failures, now: 5, random: 0 })).toEqual({
      restart: false,
      because: 'It failed 6 times within 10 s.',
    })
    const later = [...failures, 20_000]
    expect(decideRestart(policy, { error: gone, failures: later, now: 20_000, random: 0 })).toEqual({
      restart: true,
      delayMs: 50,
    })
  })

  it.each(['LF_USER_FUNCTION', 'LF_SLOT_MEMORY', 'LF_ATTEMPT_FENCED', 'LF_STORAGE_DENIED'] as const)(
    'is no after %s, since nothing would be different',
    (code) => {
      const error = new LightflusError(code, 'so it is')
      expect(decideRestart(policy, { error, failures: [0], now: 0, random: 0 })).toMatchObject({ restart: false })
    },
  )

  it('spreads its pauses over the upper half', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 5 }), (random, count) => {
        const failures = Array.from({ length: count }, () => 0)
        const decision = decideRestart(policy, { error: gone, failures, now: 0, random })
        const full = Math.min(1_000, 100 * 2 ** (count - 1))
        expect(decision.restart && decision.delayMs).toBeGreaterThanOrEqual(full / 2)
        expect(decision.restart && decision.delayMs).toBeLessThanOrEqual(full)
      }),
    )
  })
})
