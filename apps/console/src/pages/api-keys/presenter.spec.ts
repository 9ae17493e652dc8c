import { now } from '../../testing/samples.ts'
import { presentApiKeys } from './presenter.ts'

const day = 86_400_000
const key = (name: string, createdDaysAgo: number, expiresInDays: number | null) => ({
  id: '0f1e2d3c-0000-4000-9000-000000000001',
  name,
  prefix: 'lf_7hKx',
  role: 'viewer' as const,
  createdAt: new Date(now - createdDaysAgo * day).toISOString(),
  expiresAt: expiresInDays === null ? null : new Date(now + expiresInDays * day).toISOString(),
  lastUsedAt: null,
})

describe('API keys', () => {
  test('come newest first, and say when they end', () => {
    const rows = presentApiKeys(
      [key('old', 200, -1), key('ci', 3, 87), key('soon', 80, 10), key('for good', 400, null)],
      now,
    )
    expect(rows.map(({ name, expires, tone }) => [name, expires.replaceAll('\u202f', ' '), tone])).toEqual([
      ['ci', expect.stringMatching(/^2027-02-1/), 'neutral'],
      ['soon', 'in 10 d', 'warning'],
      ['old', expect.stringMatching(/^expired 2026-11-2/), 'bad'],
      ['for good', 'never', 'neutral'],
    ])
    expect(rows[0]).toMatchObject({ prefix: 'lf_7hKx…', lastUsed: 'never' })
  })
})
