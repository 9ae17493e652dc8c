import { jobSample } from '../../testing/samples.ts'
import { presentCheckpoints, savepointAction } from './presenter.ts'

const at = Date.parse('2026-11-23T12:00:00Z')

test('checkpoints say when, how long, how large and by which attempt', () => {
  const checkpoint = {
    checkpoint: 7,
    kind: 'savepoint',
    attempt: 2,
    completedAt: at,
    durationMs: 40,
    bytes: 2_048,
  } as const
  expect(presentCheckpoints([{ ...checkpoint, location: 'x' }], at + 5_000)).toEqual([
    {
      number: 7,
      isSavepoint: true,
      made: expect.stringMatching(/^5\ss ago$/) as string,
      madeTitle: expect.any(String) as string,
      took: expect.stringMatching(/^40\sms$/) as string,
      size: expect.stringContaining('2') as string,
      attempt: 2,
    },
  ])
})

test('a savepoint can be asked of a job that runs, one at a time', () => {
  expect(savepointAction(jobSample({ status: { state: 'RUNNING' } }))).toBe('possible')
  expect(savepointAction(jobSample({ status: { state: 'RUNNING', savepointPending: true } }))).toBe('pending')
  expect(savepointAction(jobSample({ status: { state: 'SUSPENDED', savepointPending: true } }))).toBe('impossible')
})
