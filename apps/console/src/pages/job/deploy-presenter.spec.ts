import { jobSample } from '../../testing/samples.ts'
import { deployDefaults, deployErrors } from './deploy-presenter.ts'

describe('a deploy', () => {
  test('offers the newest version with the settings in use', () => {
    expect(deployDefaults(jobSample())).toEqual({
      version: 3,
      parallelism: 4,
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
  })
})
