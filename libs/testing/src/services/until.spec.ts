import { until } from './until.ts'

describe('until', () => {
  it('returns what the condition returned once it was met, trying again after an error', async () => {
    let looks = 0
    const condition = () => {
      looks++
      if (looks === 1) throw new Error('not there yet')
      return looks === 4 ? `look ${looks}` : undefined
    }
    await expect(until(condition, { what: 'the fourth look', intervalMs: 1 })).resolves.toBe('look 4')
  })

  it('takes 0 and the empty text as results, since only false and nothing mean "not yet"', async () => {
    await expect(until(() => 0, { what: 'zero' })).resolves.toBe(0)
    await expect(until(async () => '', { what: 'text' })).resolves.toBe('')
  })

  it('fails at the deadline with what was waited for and what was seen last', async () => {
    await expect(until(() => false, { what: 'rain', deadlineMs: 5, intervalMs: 1 })).rejects.toThrow(
      'Waited 5 ms for rain; last seen: false',
    )
    const cause = new Error('no sky')
    const failing = until(() => Promise.reject(cause), { what: 'rain', deadlineMs: 5, intervalMs: 1 })
    await expect(failing).rejects.toMatchObject({ message: 'Waited 5 ms for rain; no sky', cause })
  })
})
