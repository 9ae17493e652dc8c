import type { LoggedCheckpoint } from '@lightflus/storage'
import { CheckpointLedger } from './checkpoint-ledger.ts'

const logged = (checkpoint: number): LoggedCheckpoint => ({
  checkpoint,
  attempt: 1,
  kind: 'checkpoint',
  ending: null,
  outputs: [],
  folders: [],
  completedAt: 500,
  durationMs: 40,
  bytes: 10,
  manifest: { path: 'm', sha256: '' },
})

describe('what is told of checkpoints', () => {
  it('is the longest alignment and the longest pause of any subtask, each checkpoint for itself', () => {
    const ledger = new CheckpointLedger()
    ledger.begun(1, 100)
    ledger.snapshot(1, { alignmentMs: 3, pauseMs: 9 })
    ledger.snapshot(1, { alignmentMs: 8, pauseMs: 2 })
    expect(ledger.durationMs(1, 480, 500)).toBe(400)
    expect(ledger.completed(logged(1), 500)).toMatchObject({ alignmentMs: 8, pauseMs: 9, commitMs: null })
    ledger.begun(2, 600)
    expect(ledger.completed(logged(2), 700)).toMatchObject({ alignmentMs: 0, pauseMs: 0 })
  })

  it('is how much was stored for it: all of it, unless it shares files', () => {
    const ledger = new CheckpointLedger()
    expect(ledger.completed(logged(1), 500)).toMatchObject({ bytes: 10, bytesNew: 10 })
    expect(ledger.completed({ ...logged(2), bytesNew: 3 }, 500)).toMatchObject({ bytes: 10, bytesNew: 3 })
  })

  it('is how long its commits took, once they are done', () => {
    const ledger = new CheckpointLedger()
    ledger.begun(1, 100)
    ledger.completed(logged(1), 500)
    expect(ledger.committed(1, 530)).toMatchObject({ checkpoint: 1, commitMs: 30 })
    expect(ledger.committed(1, 540)).toBeUndefined()
  })

  it('says nothing of commits of a checkpoint that another attempt made', () => {
    expect(new CheckpointLedger().committed(7, 100)).toBeUndefined()
  })

  it('counts those that are given up, with the last reason', () => {
    const ledger = new CheckpointLedger()
    ledger.begun(1, 100)
    ledger.failed(1, 200, 'EXPIRED', 'Too slow.')
    // A snapshot that comes late belongs to nothing any more.
    ledger.snapshot(1, { alignmentMs: 3, pauseMs: 9 })
    ledger.begun(2, 300)
    ledger.completed(logged(2), 400)
    expect(ledger.counts).toEqual({
      completed: 1,
      failed: 1,
      lastFailure: { checkpoint: 1, at: 200, reason: 'Too slow.' },
    })
  })

  it('counts no checkpoint that its attempt took with it', () => {
    const ledger = new CheckpointLedger()
    ledger.begun(1, 100)
    ledger.failed(1, 200, 'ATTEMPT_FAILED', 'The attempt failed meanwhile.')
    expect(ledger.counts).toEqual({ completed: 0, failed: 0, lastFailure: null })
  })

  it('measures a checkpoint that no barrier began from when it is written', () => {
    expect(new CheckpointLedger().durationMs(1, 480, 500)).toBe(20)
  })
})
