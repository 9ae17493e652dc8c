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

  test('tell how several workers exchange records, how many of them run, and what keeps the others', () => {
    const error = { code: 'LF_WORKER_START', message: 'Its folder is full.', details: {}, nextStep: '' }
    const told = { heardAt: null, residentBytes: null }
    const workers = [
      { number: 0, state: 'running' as const, error: null, ...told },
      { number: 1, state: 'running' as const, error, ...told },
      { number: 2, state: 'placing' as const, error: null, ...told },
    ]
    const valueOf = (exchange: string | null) => {
      const view = presentSettings(jobSample({ spec: { workers: 3, exchange }, status: { workers } }), now)!
      return [...view.wanted, ...view.observed].filter(({ label }) => label === 'Workers').map(({ value }) => value)
    }
    expect(valueOf(null)).toEqual([
      '3, exchanging records by the platform’s Kafka',
      '1 of 3 running; worker 1: Its folder is full.',
    ])
    expect(valueOf('bus')[0]).toBe('3, exchanging records by connection bus')
  })

  test('there are none before the first deploy', () => {
    expect(presentSettings(jobSample({ state: null }), now)).toBeNull()
  })
})
