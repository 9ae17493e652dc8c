import { LightflusError } from '@lightflus/api'
import { presentLink } from './link-view.ts'

describe('how the live line stands', () => {
  test('an open line needs no banner, a first loss neither', () => {
    expect(presentLink({ phase: 'open' }, true, 0)).toEqual({ tone: 'good', label: 'Live', banner: null })
    expect(presentLink({ phase: 'waiting', failures: 1, retryAt: 500 }, true, 0).banner).toBeNull()
  })

  test('a lost line counts down to the next try', () => {
    const view = presentLink({ phase: 'waiting', failures: 3, retryAt: 4_200 }, true, 1_000)
    expect(view.banner?.replaceAll('\u202f', ' ')).toContain('Next try in 4 s.')
  })

  test('a device that is offline is told so, whatever the line thinks', () => {
    expect(presentLink({ phase: 'open' }, false, 0)).toMatchObject({ label: 'Offline', tone: 'warning' })
  })

  test('a refusal says what to do', () => {
    const error = new LightflusError('LF_JOB_NOT_FOUND', 'There is no job x.', { nextStep: 'See the jobs.' })
    expect(presentLink({ phase: 'refused', error }, true, 0).banner).toBe('There is no job x. See the jobs.')
  })
})
