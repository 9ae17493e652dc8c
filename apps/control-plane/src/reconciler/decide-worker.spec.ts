import { decideWorker, startDelayMs, type WorkerFacts } from './decide-worker.ts'

const now = 1_000_000
const rules = { silenceMsMax: 30_000, idleMsMax: 20_000, listeningSince: 0 }
const running: WorkerFacts = {
  presence: 'running',
  runningSince: null,
  hosted: 1,
  removing: false,
  startedAt: now - 100_000,
  startAfter: null,
  lastSyncAt: now - 1_000,
  idleSince: null,
}
const decide = (facts: Partial<WorkerFacts>, otherRules = {}) =>
  decideWorker({ ...running, ...facts }, { ...rules, ...otherRules }, now)

describe('a worker that hosts something', () => {
  test('is left alone while it syncs', () => expect(decide({})).toEqual({ act: 'keep' }))

  test.each(['absent', 'ended'] as const)('that is %s is lost if it had a life, and else started', (presence) => {
    expect(decide({ presence })).toEqual({ act: 'lost' })
    expect(decide({ presence, startedAt: null })).toEqual({ act: 'start' })
    expect(decide({ presence, startedAt: null, startAfter: now + 700 })).toEqual({ act: 'keep', againInMs: 700 })
    expect(decide({ presence, startedAt: null, startAfter: now })).toEqual({ act: 'start' })
  })

  test('is adopted when it runs unknown to the record', () => {
    expect(decide({ startedAt: null })).toEqual({ act: 'adopt' })
    expect(decide({ startedAt: null, presence: 'starting' })).toEqual({ act: 'adopt' })
  })

  test('is hung when it runs and has been silent for too long', () => {
    expect(decide({ lastSyncAt: now - 30_000 })).toEqual({ act: 'hung' })
    expect(decide({ lastSyncAt: null, startedAt: now - 29_000 })).toEqual({ act: 'keep' })
    expect(decide({ lastSyncAt: null, startedAt: now - 30_000 })).toEqual({ act: 'hung' })
  })

  test('may take as long as it needs to be placed', () => {
    expect(decide({ presence: 'starting', lastSyncAt: null, startedAt: now - 900_000 })).toEqual({ act: 'keep' })
  })

  test('is not blamed for the time that it took to be placed', () => {
    const placed = { lastSyncAt: null, startedAt: now - 900_000 }
    expect(decide({ ...placed, runningSince: now - 29_000 })).toEqual({ act: 'keep' })
    expect(decide({ ...placed, runningSince: now - 30_000 })).toEqual({ act: 'hung' })
  })

  test('is not blamed for a silence in which nobody listened', () => {
    expect(decide({ lastSyncAt: now - 900_000 }, { listeningSince: now - 5_000 })).toEqual({ act: 'keep' })
  })
})

describe('a worker that hosts nothing', () => {
  test('rests for a while and is then removed', () => {
    expect(decide({ hosted: 0 })).toEqual({ act: 'rest', againInMs: 20_000 })
    expect(decide({ hosted: 0, idleSince: now - 15_000 })).toEqual({ act: 'keep', againInMs: 5_000 })
    expect(decide({ hosted: 0, idleSince: now - 20_000 })).toEqual({ act: 'remove' })
  })

  test('is removed to the end once that has begun', () => {
    expect(decide({ hosted: 0, removing: true, presence: 'absent' })).toEqual({ act: 'remove' })
  })
})

test('the next start waits longer with each loss, up to half a minute', () => {
  expect([0, 1, 2, 3, 4, 50].map(startDelayMs)).toEqual([0, 0, 1_000, 2_000, 4_000, 30_000])
})
