import type { LogLine } from '../../live/live-state.ts'
import { now } from '../../testing/samples.ts'
import { presentLogs } from './presenter.ts'

const line = (sequence: number, level: LogLine['level'], message: string, attempt = 1): LogLine => ({
  id: String(sequence),
  sequence,
  attempt,
  at: now + sequence,
  level,
  operator: sequence % 2 ? 'shop' : null,
  message,
})
const lines = [
  line(1, 'info', 'Started'),
  line(2, 'warn', 'Skipped a record'),
  line(3, 'error', 'Failed', 1),
  line(4, 'info', 'Started', 2),
]

describe('logs', () => {
  test('show the level asked for and what is graver, with counts of each', () => {
    const view = presentLogs(lines, { level: 'warn' })
    expect(view.lines.map(({ message }) => message)).toEqual(['Skipped a record', 'Failed'])
    expect(view.counts).toEqual({ info: 4, warn: 2, error: 1 })
  })

  test('find text in message and operator', () => {
    expect(presentLogs(lines, { q: 'started' }).lines).toHaveLength(2)
    expect(presentLogs(lines, { q: 'SHOP' }).counts.info).toBe(2)
  })

  test('mark where another attempt begins', () => {
    expect(presentLogs(lines, {}).lines.map(({ newAttempt }) => newAttempt)).toEqual([null, null, null, 2])
  })

  test('tell no lines from no matching lines', () => {
    expect(presentLogs([], {}).empty).toBe(true)
    expect(presentLogs(lines, { q: 'nothing' })).toMatchObject({ empty: false, lines: [] })
  })
})
