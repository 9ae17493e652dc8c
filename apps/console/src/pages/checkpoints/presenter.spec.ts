import { jobSample } from '../../testing/samples.ts'
import { presentCheckpoints, presentCounts, savepointAction } from './presenter.ts'

const at = Date.parse('2026-11-23T12:00:00Z')

test('checkpoints say when, how long, how large and by which attempt', () => {
  const checkpoint = {
    checkpoint: 7,
    kind: 'savepoint',
    attempt: 2,
    completedAt: at,
    durationMs: 40,
    bytes: 2_048,
    location: 'x',
    alignmentMs: 12,
    pauseMs: 3,
    commitMs: null,
  } as const
  expect(presentCheckpoints([checkpoint], at + 5_000)).toEqual([
    {
      number: 7,
      isSavepoint: true,
      made: expect.stringMatching(/^5\ss ago$/) as string,
      madeTitle: expect.any(String) as string,
      took: expect.stringMatching(/^40\sms$/) as string,
      aligned: expect.stringMatching(/^12\sms$/) as string,
      paused: expect.stringMatching(/^3\sms$/) as string,
      committed: '–',
      size: expect.stringContaining('2') as string,
      attempt: 2,
    },
  ])
})

test('those that failed are told with the last reason, and nothing where none has', () => {
  const counts = { completed: 40, failed: 2, lastFailure: { checkpoint: 9, at, reason: 'Its manifest is lost.' } }
  expect(presentCounts(jobSample({ status: { checkpointCounts: counts } }), at + 5_000)).toMatch(
    /^2 of 42 failed, number 9 5\ss ago: Its manifest is lost\.$/,
  )
  expect(presentCounts(jobSample({ status: {} }), at)).toBeNull()
})

test('a savepoint can be asked of a job that runs, one at a time', () => {
  expect(savepointAction(jobSample({ status: { state: 'RUNNING' } }))).toBe('possible')
  expect(savepointAction(jobSample({ status: { state: 'RUNNING', savepointPending: true } }))).toBe('pending')
  expect(savepointAction(jobSample({ status: { state: 'SUSPENDED', savepointPending: true } }))).toBe('impossible')
})
