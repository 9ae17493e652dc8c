import { jest } from '@jest/globals'
import fc from 'fast-check'
import { automaticInterval, CheckpointPace, longestInterval } from './checkpoint-pace.ts'

const mebibyte = 1_048_576
const small = { bytes: mebibyte, durationMs: 20 }
const between = { bytes: 20 * mebibyte, durationMs: 700 }
const large = { bytes: 40 * mebibyte, durationMs: 20 }
const slow = { bytes: mebibyte, durationMs: 1_001 }

function started(intervalMs: number | 'auto' | null, pauseMsMin = 0) {
  const due: number[] = []
  const changes: number[] = []
  const pace = new CheckpointPace({
    intervalMs,
    pauseMsMin,
    now: Date.now,
    onDue: () => void due.push(Date.now()),
    onChange: (ms) => void changes.push(ms),
  })
  pace.start()
  return { pace, due, changes }
}

describe('when checkpoints are due', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 0 }))
  afterEach(() => void jest.useRealTimers())

  it('is every second by itself as long as they are small and quick, else every ten', () => {
    const { pace, due, changes } = started('auto')
    jest.advanceTimersByTime(2_500)
    expect(due).toEqual([1_000, 2_000])
    pace.ended(large)
    jest.advanceTimersByTime(20_000)
    expect(due).toEqual([1_000, 2_000, 12_000, 22_000])
    pace.ended(small)
    jest.advanceTimersByTime(1_500)
    expect(due).toEqual([1_000, 2_000, 12_000, 22_000, 23_000, 24_000])
    expect(changes).toEqual([10_000, 1_000])
    pace.close()
  })

  it('goes by what a checkpoint stored of its own, not by what it shares with others', () => {
    const { pace, changes } = started('auto')
    pace.ended({ ...large, bytesNew: mebibyte })
    expect(changes).toEqual([])
    pace.ended(slow)
    expect(changes).toEqual([10_000])
    pace.close()
  })

  it('stays as it is for checkpoints between the bounds, and for those that come to nothing', () => {
    const { pace, changes } = started('auto')
    for (const each of [between, undefined, large, between, undefined, between]) pace.ended(each)
    expect(changes).toEqual([10_000])
    pace.close()
  })

  it('is never changed where the user has named it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 5_000 }),
        fc.array(fc.constantFrom(small, between, large, slow, undefined)),
        (intervalMs, taken) => {
          jest.setSystemTime(0)
          const { pace, due, changes } = started(intervalMs)
          for (const each of taken) {
            jest.advanceTimersByTime(intervalMs)
            pace.ended(each)
          }
          expect(due).toEqual(taken.map((_, index) => (index + 1) * intervalMs))
          expect(changes).toEqual([])
          pace.close()
        },
      ),
      { numRuns: 30 },
    )
  })

  it('is no sooner after the end of one than was asked for, and never where there is no interval', () => {
    const { pace, due } = started(1_000, 600)
    jest.advanceTimersByTime(1_800)
    pace.ended(small)
    jest.advanceTimersByTime(700)
    expect(due).toEqual([1_000, 2_400])
    pace.close()
    const none = started(null)
    jest.advanceTimersByTime(100_000)
    expect(none.due).toEqual([])
  })

  it('tells sinks the longest interval that may come', () => {
    expect([longestInterval('auto'), longestInterval(300), longestInterval(null)]).toEqual([
      automaticInterval.longMs,
      300,
      null,
    ])
  })
})
