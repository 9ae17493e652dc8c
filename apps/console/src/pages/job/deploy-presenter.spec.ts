import { jobSample } from '../../testing/samples.ts'
import { deployBody, deployDefaults, deployErrors } from './deploy-presenter.ts'

describe('a deploy', () => {
  test('offers the newest version with the settings in use', () => {
    expect(deployDefaults(jobSample())).toEqual({
      version: 3,
      parallelism: 4,
      workers: 1,
      exchange: '',
      checkpointIntervalMs: 1_000,
      placement: 'shared',
      restore: true,
    })
    expect(deployDefaults(jobSample({ state: null }), 2)).toMatchObject({ version: 2, parallelism: 1 })
  })

  test('names every field that the API would refuse', () => {
    const values = { ...deployDefaults(jobSample()), version: 9, parallelism: 65, checkpointIntervalMs: 10 }
    expect(Object.keys(deployErrors(values, 3)).toSorted()).toEqual(['checkpointIntervalMs', 'parallelism', 'version'])
    expect(deployErrors(deployDefaults(jobSample()), 3)).toEqual({})
    expect(deployErrors({ ...deployDefaults(jobSample()), workers: 5 }, 3)).toEqual({
      workers: 'At most one for each slot.',
    })
  })

  test('leaves the exchange of several workers to the platform, unless a connection is named', () => {
    const values = deployDefaults(jobSample({ spec: { workers: 2, exchange: 'bus' } }))
    expect(deployBody(values)).toMatchObject({ workers: 2, exchange: 'bus' })
    expect(deployBody({ ...values, exchange: '' })).toMatchObject({ workers: 2, exchange: null })
    expect(Object.keys(deployErrors({ ...values, exchange: 'Not a name' }, 3))).toEqual(['exchange'])
  })
})
