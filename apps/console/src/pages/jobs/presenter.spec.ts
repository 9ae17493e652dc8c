import { deploymentStates } from '@lightflus/contracts'
import type { JobList } from '../../api/queries.ts'
import { errorSample, jobSample, now } from '../../testing/samples.ts'
import { groupOf, presentJobs } from './presenter.ts'

const list = (...jobs: JobList['jobs']): JobList => ({ jobs, complete: true, history: new Map() })

const some = list(
  jobSample({ name: 'orders', rates: { in: 12_345, out: 600 } }),
  jobSample({ name: 'alerts', state: 'FAILED', status: { error: errorSample } }),
  jobSample({ name: 'word-count', state: 'SUSPENDED', sinceMs: 5_000 }),
  jobSample({ name: 'archive', state: 'FINISHED' }),
  jobSample({ name: 'new', state: null }),
)

describe('the list of jobs', () => {
  test('orders by name, and says what each is doing', () => {
    const view = presentJobs(some, {}, now)
    expect(view.rows.map((row) => row.name)).toEqual(['alerts', 'archive', 'new', 'orders', 'word-count'])
    expect(view.rows[3]).toMatchObject({ rateIn: '12.3k/s', rateOut: '600/s', version: 'v2', parallelism: '×4' })
    expect(view.rows[2]).toMatchObject({ state: null, rateIn: '–', version: 'v3', error: null })
    expect(view.rows[0].error?.code).toBe('LF_USER_FUNCTION')
    expect(view.summary).toBe('5 jobs, 1 running, 12.3k/s read in all')
  })

  test('counts groups among what matches the text, and shows the group asked for', () => {
    const view = presentJobs(some, { q: ' OR ', show: 'active' }, now)
    expect(view.counts).toEqual({ all: 2, active: 1, attention: 0, paused: 1, ended: 0 })
    expect(view.rows.map((row) => row.name)).toEqual(['orders'])
  })

  test('orders by rate or by time, what does not run last', () => {
    expect(presentJobs(some, { sort: 'rate' }, now).rows[0].name).toBe('orders')
    expect(presentJobs(some, { sort: 'since' }, now).rows[0].name).toBe('word-count')
  })

  test('tells an empty tenant from an empty filter, and a part from the whole', () => {
    expect(presentJobs(list(), {}, now)).toMatchObject({ empty: true, limit: null })
    expect(presentJobs(some, { q: 'nothing' }, now)).toMatchObject({ empty: false, rows: [] })
    expect(presentJobs({ ...some, complete: false }, {}, now).limit).toContain('first 5 jobs')
  })

  test('every state has its group', () => {
    expect(Object.fromEntries(deploymentStates.map((state) => [state, groupOf(state)]))).toEqual({
      PENDING: 'active',
      STARTING: 'active',
      RUNNING: 'active',
      RESTARTING: 'attention',
      SUSPENDING: 'active',
      SUSPENDED: 'paused',
      STOPPING: 'active',
      DRAINING: 'active',
      CANCELLING: 'active',
      STOPPED: 'ended',
      CANCELLED: 'ended',
      FINISHED: 'ended',
      FAILED: 'attention',
    })
  })
})
