import fc from 'fast-check'
import { Leases, type Lease } from './leases.ts'

const step = fc.oneof(
  fc.record({ do: fc.constantFrom('grant' as const, 'renew' as const, 'release' as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant('pass' as const), which: fc.nat(400) }),
)

test('each lease ends once: not before its time, at most a fiftieth of it (or 100 ms) later, and not when released', () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 150, 7_000), fc.array(step, { maxLength: 60, size: 'max' }), (ttlMs, steps) => {
      const lateMs = Math.max(100, ttlMs / 50)
      let now = 0
      const leases = new Leases(ttlMs, { now: () => now })
      const granted = new Map<number, Lease>()
      const takeEnded = () => {
        for (const { key } of leases.takeEnded(now)) {
          expect(granted.get(key as number)!.expiresAt).toBeLessThanOrEqual(now)
          granted.delete(key as number)
        }
        for (const { expiresAt } of granted.values()) expect(expiresAt).toBeGreaterThan(now - lateMs)
        expect(leases.dueAt === Infinity).toBe(granted.size === 0)
      }
      for (const { do: what, which } of steps) {
        const lease = granted.get(which)
        if (what === 'pass') {
          now += which
          takeEnded()
        } else if (what === 'grant' && lease === undefined) granted.set(which, leases.grant(which))
        else if (what === 'renew' && lease !== undefined) lease.expiresAt = leases.newExpiry()
        else if (what === 'release' && lease !== undefined) {
          leases.release(lease)
          granted.delete(which)
        }
      }
      now += ttlMs + lateMs
      takeEnded()
      expect(granted.size).toBe(0)
    }),
    { numRuns: 500 },
  )
})
