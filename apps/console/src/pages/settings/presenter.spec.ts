import { jobSample, now } from '../../testing/samples.ts'
import { presentSettings } from './presenter.ts'

describe('the settings of a deployment', () => {
  test('tell what is wanted from what is observed', () => {
    const view = presentSettings(jobSample({ spec: { generation: 2, placement: 'dedicated' } }), now)
    expect(view?.pending).toBe(true)
    expect(view?.wanted.map(({ label, value }) => `${label}: ${value}`.replaceAll('\u202f', ' '))).toEqual([
      'To be: running',
      'Version: 2',
      'Parallelism: 4 slots',
      'Checkpoint interval: 1 s',
      'Worker: a worker of its own',
    ])
    expect(view?.observed.find(({ label }) => label === 'Newest checkpoint')?.value).toBe('none yet')
  })

  test('there are none before the first deploy', () => {
    expect(presentSettings(jobSample({ state: null }), now)).toBeNull()
  })
})
