import fc from 'fast-check'
import type { CheckpointStorage } from './checkpoint-storage.ts'
import {
  checkpointsUnloggedMax,
  claimJob,
  entriesKept,
  JobHolder,
  readLog,
  type ClaimOptions,
  type JobLog,
} from './job-log.ts'
import { emptyLog, encodeEntry, isUncommitted, repeatingSinks, restorable, type LoggedCheckpoint } from './log-entry.ts'
import { memoryStorage } from './memory-storage.ts'
import { checkpointFolder, entryPath } from './storage-layout.ts'

const optionsFor = (storage: CheckpointStorage, more: Partial<ClaimOptions> = {}): ClaimOptions => ({
  storage,
  job: 'orders',
  parallelism: 2,
  now: () => 1_000,
  checkpointsKept: 3,
  savepointsKept: 2,
  ...more,
})

function checkpointOf(
  log: JobLog,
  checkpoint: number,
  kind: LoggedCheckpoint['kind'] = 'checkpoint',
): LoggedCheckpoint {
  const folder = checkpointFolder(log.attempt, checkpoint)
  const manifest = { path: `${folder}manifest`, sha256: '' }
  const { attempt } = log
  const figures = { completedAt: 1_000, durationMs: 5, bytes: 10 }
  return { checkpoint, attempt, kind, ...figures, manifest, folders: [folder], ending: null, outputs: [] }
}

async function writeCheckpoint(
  storage: CheckpointStorage,
  log: JobLog,
  checkpoint: number,
  kind?: LoggedCheckpoint['kind'],
): Promise<void> {
  const logged = checkpointOf(log, checkpoint, kind)
  await storage.put(logged.manifest.path, Buffer.from('manifest'))
  await log.checkpoint(logged)
  await log.deleteOld()
}

describe('the log of a job', () => {
  it('numbers attempts from one, and hands each the checkpoints of those before', async () => {
    const storage = memoryStorage()
    const first = await claimJob(optionsFor(storage))
    const { lineage } = first.state
    expect(lineage).toMatch(/^[0-9a-f-]{36}$/)
    expect(first.state).toEqual({ ...emptyLog, lineage, attempt: 1, subtasksMax: 2 })
    await writeCheckpoint(storage, first, 1)
    const second = await claimJob(optionsFor(storage))
    expect(second.attempt).toBe(2)
    expect(second.state.checkpoints).toEqual([checkpointOf(first, 1)])
    expect(await readLog(storage)).toEqual(second.state)
  })

  it('tells later attempts whose output is committed, whose may be, and how many subtasks there were', async () => {
    const storage = memoryStorage()
    const first = await claimJob(optionsFor(storage, { parallelism: 4 }))
    await first.checkpoint({ ...checkpointOf(first, 1), outputs: ['out', 'table'] })
    await first.committed(1)
    await first.checkpoint({ ...checkpointOf(first, 2), outputs: ['out'], ending: 'STOPPED' })
    const { state } = await claimJob(optionsFor(storage, { parallelism: 1 }))
    expect(state).toMatchObject({ committedTo: 1, subtasksMax: 4, outputs: { out: 2, table: 1 } })
    expect(state.lineage).toBe(first.state.lineage)
    expect(state.checkpoints.map((each) => isUncommitted(state, each))).toEqual([false, true])
    expect(state.checkpoints.map((each) => repeatingSinks(state, each))).toEqual([['out'], []])
    const other = await claimJob(optionsFor(memoryStorage()))
    expect(other.state.lineage).not.toBe(state.lineage)
  })

  it('reads an entry from before sinks committed: it gets its lineage with the next claim', async () => {
    const storage = memoryStorage()
    const { ending: _, outputs: __, ...checkpoint } = checkpointOf(await claimJob(optionsFor(memoryStorage())), 3)
    const state = { attempt: 1, checkpointsUsedTo: 3, checkpoints: [checkpoint], afresh: null }
    const entry = { number: 1, event: { kind: 'claim' as const }, at: 1_000, writer: 'old', state: state as never }
    await storage.put(entryPath(1), await encodeEntry(entry))
    const read = await readLog(storage)
    expect(read).toMatchObject({ lineage: '', committedTo: 0, checkpoints: [{ ending: null, outputs: [] }] })
    const next = await claimJob(optionsFor(storage))
    expect(next.state.lineage).not.toBe('')
    expect(next.state).toMatchObject({ attempt: 2, checkpointsUsedTo: 13, subtasksMax: 2 })
  })

  it('ends an attempt whose job was claimed by another', async () => {
    const storage = memoryStorage()
    const zombie = await claimJob(optionsFor(storage))
    const holder = await claimJob(optionsFor(storage))
    await expect(zombie.checkpoint(checkpointOf(zombie, 1))).rejects.toMatchObject({ code: 'LF_ATTEMPT_FENCED' })
    expect(zombie.usable).toBe(false)
    await expect(zombie.release(1)).rejects.toThrow('used after it had failed')
    await holder.checkpoint(checkpointOf(holder, 11))
  })

  it('is not claimed again by who lost it, also where an own claim in between seemed to fail', async () => {
    const storage = memoryStorage()
    const again = { holder: new JobHolder('first') }
    await claimJob(optionsFor(storage, again))
    const seeming = {
      ...storage,
      async createIfAbsent(path: string, bytes: Uint8Array) {
        await storage.createIfAbsent(path, bytes)
        throw new Error('the answer was lost')
      },
    }
    await expect(claimJob(optionsFor(seeming, again))).rejects.toThrow('the answer was lost')
    expect((await claimJob(optionsFor(storage, again))).attempt).toBe(3)
    const other = await claimJob(optionsFor(storage))
    await other.release(0)
    await expect(claimJob(optionsFor(storage, again))).rejects.toMatchObject({ code: 'LF_ATTEMPT_FENCED' })
    expect((await readLog(storage)).attempt).toBe(4)
  })

  it('is not claimed by who first tried to before another did, also where that try seemed to fail', async () => {
    const storage = memoryStorage()
    await (await claimJob(optionsFor(storage))).release(0)
    for (const isMade of [true, false]) {
      const first = { holder: new JobHolder(`${isMade}`) }
      const failing = {
        ...storage,
        async createIfAbsent(path: string, bytes: Uint8Array) {
          if (isMade) await storage.createIfAbsent(path, bytes)
          throw new Error('the answer was lost')
        },
      }
      await expect(claimJob(optionsFor(failing, first))).rejects.toThrow('the answer was lost')
      const other = await claimJob(optionsFor(storage))
      await expect(claimJob(optionsFor(storage, first))).rejects.toMatchObject({ code: 'LF_ATTEMPT_FENCED' })
      expect((await readLog(storage)).attempt).toBe(other.attempt)
    }
  })

  it('ends an attempt that wakes after its successor has deleted the entry that fences it', async () => {
    // Goal: the number that the zombie tries is free again, so create-if-absent alone would let it in.
    const storage = memoryStorage()
    const zombie = await claimJob(optionsFor(storage))
    const holder = await claimJob(optionsFor(storage))
    for (let checkpoint = 11; checkpoint < 11 + 2 * entriesKept; checkpoint += 1) {
      await writeCheckpoint(storage, holder, checkpoint)
    }
    expect(await storage.get(entryPath(2))).toBeUndefined()
    await expect(zombie.checkpoint(checkpointOf(zombie, 1))).rejects.toMatchObject({ code: 'LF_ATTEMPT_FENCED' })
    await writeCheckpoint(storage, holder, 99)
    expect((await readLog(storage)).attempt).toBe(2)
  })

  it('takes an entry for its own that a call wrote which seemed to fail', async () => {
    // Goal: a driver over a network may repeat a request of which only the answer was lost.
    const storage = memoryStorage()
    const repeating: CheckpointStorage = {
      ...storage,
      createIfAbsent: async (path, bytes) => {
        await storage.createIfAbsent(path, bytes)
        return storage.createIfAbsent(path, bytes)
      },
    }
    const log = await claimJob(optionsFor(repeating))
    await log.checkpoint(checkpointOf(log, 1))
    expect(log.attempt).toBe(1)
    expect((await readLog(storage)).checkpoints).toHaveLength(1)
  })

  it('begins above every checkpoint id that a lost attempt may have used, and right above after a release', async () => {
    const storage = memoryStorage()
    const lost = await claimJob(optionsFor(storage))
    await writeCheckpoint(storage, lost, 4)
    const next = await claimJob(optionsFor(storage))
    expect(next.state.checkpointsUsedTo).toBe(4 + checkpointsUnloggedMax)
    await next.release(17)
    expect((await claimJob(optionsFor(storage))).state.checkpointsUsedTo).toBe(17)
  })

  it('keeps the newest checkpoints and savepoints, and the files of no others', async () => {
    const storage = memoryStorage()
    const log = await claimJob(optionsFor(storage))
    for (const checkpoint of [1, 2, 3]) await writeCheckpoint(storage, log, checkpoint, 'savepoint')
    for (const checkpoint of [4, 5, 6, 7]) await writeCheckpoint(storage, log, checkpoint)
    const kept = [2, 3, 5, 6, 7]
    expect(log.state.checkpoints.map(({ checkpoint }) => checkpoint)).toEqual(kept)
    expect(await storage.list('checkpoints/')).toEqual(kept.map((each) => `${checkpointFolder(1, each)}manifest`))
  })

  it('leaves alone the files of a checkpoint under way, and clears those of lost attempts', async () => {
    const storage = memoryStorage()
    const lost = await claimJob(optionsFor(storage))
    await storage.put(`${checkpointFolder(1, 1)}0-0`, Buffer.from('never logged'))
    await storage.put(`${checkpointFolder(1, 'finished')}0-0`, Buffer.from('never logged'))
    expect(lost.attempt).toBe(1)
    const log = await claimJob(optionsFor(storage))
    await storage.put(`${checkpointFolder(2, 13)}0-0`, Buffer.from('under way'))
    await storage.put(`${checkpointFolder(2, 'finished')}0-0`, Buffer.from('of a subtask that has finished'))
    await writeCheckpoint(storage, log, 12)
    expect(await storage.list('checkpoints/')).toEqual([
      `${checkpointFolder(2, 12)}manifest`,
      `${checkpointFolder(2, 13)}0-0`,
      `${checkpointFolder(2, 'finished')}0-0`,
    ])
  })

  it('restores nothing older than a fresh start, which the same wish asks for only once', async () => {
    const storage = memoryStorage()
    const first = await claimJob(optionsFor(storage))
    await writeCheckpoint(storage, first, 1)
    const fresh = await claimJob(optionsFor(storage, { afresh: 'deployment 2' }))
    expect(restorable(fresh.state)).toEqual([])
    await writeCheckpoint(storage, fresh, 12)
    const again = await claimJob(optionsFor(storage, { afresh: 'deployment 2' }))
    expect(restorable(again.state).map(({ checkpoint }) => checkpoint)).toEqual([12])
    const other = await claimJob(optionsFor(storage, { afresh: 'deployment 3' }))
    expect(restorable(other.state)).toEqual([])
    expect(restorable((await claimJob(optionsFor(storage))).state)).toEqual([])
  })

  it('goes on from a chosen checkpoint: no other from before is restored from, and it stays as long as it is needed', async () => {
    const storage = memoryStorage()
    const first = await claimJob(optionsFor(storage))
    await writeCheckpoint(storage, first, 1)
    await writeCheckpoint(storage, first, 2, 'savepoint')
    await writeCheckpoint(storage, first, 3)
    const ids = ({ state }: JobLog): number[] => restorable(state).map(({ checkpoint }) => checkpoint)
    const wish = { afresh: 'deployment 2', from: { checkpoint: 1 } }
    const chosen = await claimJob(optionsFor(storage, wish))
    expect(ids(chosen)).toEqual([1])
    expect(chosen.state.checkpointsUsedTo).toBeGreaterThanOrEqual(3)
    const again = await claimJob(optionsFor(storage, wish))
    expect(ids(again)).toEqual([1])
    const given: number[][] = []
    for (const checkpoint of [101, 102, 103, 104]) {
      await writeCheckpoint(storage, again, checkpoint)
      given.push(ids(again))
    }
    expect(given).toEqual([
      [101, 1],
      [102, 101, 1],
      [103, 102, 101],
      [104, 103, 102],
    ])
    expect(ids(await claimJob(optionsFor(storage)))).toEqual([104, 103, 102])
    // The savepoint of the first attempt is still kept, and may be chosen although it was passed over.
    expect(ids(await claimJob(optionsFor(storage, { afresh: 'deployment 3', from: { checkpoint: 2 } })))).toEqual([2])
  })

  it('refuses a chosen checkpoint that is not kept, or after which sinks may have committed more, and claims nothing', async () => {
    const storage = memoryStorage()
    const first = await claimJob(optionsFor(storage))
    await first.checkpoint({ ...checkpointOf(first, 1), outputs: ['out', 'table'] })
    await first.committed(1)
    await first.checkpoint({ ...checkpointOf(first, 2, 'savepoint'), outputs: ['out'] })
    const before = await readLog(storage)
    const claim = (checkpoint: number, acceptRepeats?: boolean): Promise<JobLog> =>
      claimJob(optionsFor(storage, { afresh: 'new', from: { checkpoint, acceptRepeats } }))
    await expect(claim(7, true)).rejects.toMatchObject({
      code: 'LF_RESTORE_UNKNOWN',
      message: 'Job orders keeps no checkpoint or savepoint 7; it keeps savepoint 2, checkpoint 1.',
    })
    await expect(claim(1)).rejects.toMatchObject({
      code: 'LF_RESTORE_REPEATS',
      message:
        'Job orders: after checkpoint 1 more output may have been committed, which would be written again: by out (up to checkpoint 2).',
      details: { sinks: ['out'] },
    })
    expect(await readLog(storage)).toEqual(before)
    expect(restorable((await claim(1, true)).state).map(({ checkpoint }) => checkpoint)).toEqual([1])
    const { state } = await claimJob(optionsFor(storage, { afresh: 'newer', from: { checkpoint: 2 } }))
    expect(restorable(state).map(({ checkpoint }) => checkpoint)).toEqual([2])
  })

  it('says that it is damaged rather than going on from less than it said', async () => {
    const storage = memoryStorage()
    await claimJob(optionsFor(storage))
    const bytes = (await storage.get(entryPath(1)))!
    await storage.put(entryPath(1), bytes.subarray(0, -1))
    await expect(claimJob(optionsFor(storage))).rejects.toMatchObject({ code: 'LF_CHECKPOINT_DAMAGED' })
    await storage.put(entryPath(2), bytes)
    await expect(claimJob(optionsFor(storage))).rejects.toMatchObject({ code: 'LF_CHECKPOINT_DAMAGED' })
  })

  it('holds under any interleaving: one holder at a time, no checkpoint id twice, none lost', async () => {
    const step = fc.record({ attempt: fc.nat(3), act: fc.constantFrom('claim', 'checkpoint', 'deleteOld') })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(step, { minLength: 5, maxLength: 60 }), async (scheduler, steps) => {
        const storage = memoryStorage()
        const slow: CheckpointStorage = {
          ...storage,
          createIfAbsent: scheduler.scheduleFunction((path, bytes) => storage.createIfAbsent(path, bytes)),
          get: scheduler.scheduleFunction((path) => storage.get(path)),
          list: scheduler.scheduleFunction((prefix) => storage.list(prefix)),
          delete: scheduler.scheduleFunction((path) => storage.delete(path)),
        }
        const logged: { attempt: number; checkpoint: number }[] = []
        await scheduler.waitFor(
          Promise.all(
            [0, 1, 2, 3].map((actor) =>
              actAs(
                slow,
                steps.filter(({ attempt }) => attempt === actor),
                logged,
              ),
            ),
          ),
        )
        const ids = logged.map(({ checkpoint }) => checkpoint)
        expect(new Set(ids).size).toBe(ids.length)
        const newest = logged.toSorted((a, b) => b.checkpoint - a.checkpoint)[0]
        expect((await readLog(storage)).checkpoints.at(-1)?.checkpoint).toBe(newest?.checkpoint)
        const attempts = logged.map(({ attempt }) => attempt)
        expect(attempts).toEqual(attempts.toSorted((a, b) => a - b))
      }),
      { numRuns: 150 },
    )
  })
})

/** One process: claims when told, else works with what it claimed until it is fenced. Records what it was let do. */
async function actAs(
  storage: CheckpointStorage,
  steps: readonly { act: string }[],
  logged: { attempt: number; checkpoint: number }[],
): Promise<void> {
  let log: JobLog | undefined
  for (const { act } of steps) {
    try {
      if (act === 'claim') log = await claimJob(optionsFor(storage))
      if (act === 'deleteOld') await log?.deleteOld()
      if (act === 'checkpoint' && log) {
        const checkpoint = log.state.checkpointsUsedTo + 1
        await log.checkpoint(checkpointOf(log, checkpoint))
        logged.push({ attempt: log.attempt, checkpoint })
      }
    } catch (thrown) {
      if ((thrown as { code?: string }).code !== 'LF_ATTEMPT_FENCED') throw thrown
      log = undefined
    }
  }
}
