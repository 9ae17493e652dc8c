import type { JobEventRecord } from '../../live/live-state.ts'
import { now } from '../../testing/samples.ts'
import { presentEvents } from './presenter.ts'

const event = (id: string, agoMs: number, more: Partial<JobEventRecord>): JobEventRecord => ({
  id,
  at: new Date(now - agoMs).toISOString(),
  kind: 'state',
  from: null,
  to: null,
  reason: 'because',
  actor: 'platform',
  ...more,
})

describe('events', () => {
  test('stand under their day, with the change in words and its tone', () => {
    const days = presentEvents(
      [event('2', 60_000, { from: 'STARTING', to: 'RUNNING' }), event('1', 90_000_000, { kind: 'version' })],
      now,
    )
    expect(days.map(({ date }) => date)).toEqual(['Today', expect.stringMatching(/^2026-11-2[12]$/)])
    expect(days[0].events[0]).toMatchObject({ title: 'Running', from: 'Starting', tone: 'good', age: '1\u202fmin ago' })
    expect(days[1].events[0]).toMatchObject({ title: 'Version', from: null, tone: 'neutral' })
  })
})
