import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folderStorage, memoryStorage, readLog, type CheckpointStorage } from '@lightflus/storage'
import { LightflusError } from '@lightflus/api'
import { until } from './testing/until.ts'
import { recordsOf, Workbench, type Watched } from './testing/workbench.ts'

const keys = 11

/** Counts by key, each count a row: so what was lost, repeated or forgotten shows in the rows. */
function counting(folder: string, count: number, perSecond: number, guard = ''): string {
  return `
    import { existsSync, writeFileSync } from 'node:fs'
    import { files, generator, job, LightflusError, state } from 'lightflus'
    // By a function, since aggregates tell each result of a bounded run only once.
    const counting = {
      state: { count: state.value<number>() },
      onRecord: (_: number, { key, state: { count } }: any) => {
        count.set((count.get() ?? 0) + 1)
        return [{ key, count: count.get() }]
      },
    }
    export default job('test', (flow) => {
      flow
        .source(generator.source({ count: ${count}, perSecond: ${perSecond}, partitions: 2, generate: (index) => index }), { name: 'numbers' })
        .map((index) => { ${guard}; return index }, { name: 'guard' })
        .keyBy((index) => index % ${keys})
        .process(counting, { name: 'count' })
        .sinkTo(files.sink({ path: ${JSON.stringify(join(folder, 'out.jsonl'))} }), { name: 'out' })
    })`
}

interface Counted {
  readonly key: number
  readonly count: number
}

/** Every count from 1 to the number of records of each key. */
function expectedCounts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index % keys}: ${Math.floor(index / keys) + 1}`).sort()
}

const shown = (rows: readonly Counted[]): string[] => rows.map(({ key, count }) => `${key}: ${count}`)
const unique = (texts: readonly string[]): string[] => [...new Set(texts)].sort()

const failingOnce = (flag: string, index: number): string => `
  if (index === ${index} && !existsSync(${JSON.stringify(flag)})) {
    writeFileSync(${JSON.stringify(flag)}, '')
    throw new LightflusError('LF_CONNECTION_LOST', 'The outside is gone for a moment.')
  }`

describe('checkpoints of a deployment', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  const counted = (watched: Watched): number => recordsOf(watched, 'out').in

  it('carry a job over suspensions and other numbers of slots, nothing lost and nothing twice', async () => {
    const storage = folderStorage(join(bench.folder, 'checkpoints'))
    const bundlePath = await bench.bundle(counting(bench.folder, 40_000, 5_000))
    for (const [index, parallelism] of [1, 3, 2].entries()) {
      const watched = bench.start({ bundlePath, storage, parallelism })
      await until('some records have come', () => counted(watched) > 100)
      expect(await watched.handle.suspend()).toMatchObject({ state: 'SUSPENDED', attempt: index + 1 })
    }
    expect(await bench.start({ bundlePath, storage, parallelism: 4 }).handle.done).toMatchObject({ state: 'FINISHED' })
    expect(shown(await bench.rows<Counted>('out.jsonl')).sort()).toEqual(expectedCounts(40_000))
  })

  it('bring a failed attempt back: every count comes, none is wrong', async () => {
    const guard = failingOnce(join(bench.folder, 'flag'), 5_000)
    const bundlePath = await bench.bundle(counting(bench.folder, 8_000, 4_000, guard))
    const watched = bench.start({ bundlePath, parallelism: 2, checkpointIntervalMs: 20 })
    expect(await watched.handle.done).toMatchObject({ state: 'FINISHED', attempt: 2 })
    expect(watched.states.map(({ state, error }) => error?.code ?? state)).toEqual([
      'STARTING',
      'RUNNING',
      'LF_CONNECTION_LOST',
      'STARTING',
      'RUNNING',
      'FINISHED',
    ])
    const rows = shown(await bench.rows<Counted>('out.jsonl'))
    expect(unique(rows)).toEqual(expectedCounts(8_000))
    // Goal: the second attempt went on from a checkpoint, and not from the beginning.
    expect(watched.checkpoints.filter(({ attempt }) => attempt === 1).length).toBeGreaterThan(0)
    expect(watched.lines.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Attempt 2 starts from checkpoint \d+/),
    )
    expect(rows.length).toBeLessThan(8_000 + 5_000)
  })

  it('never use an id twice, and are kept no longer than they are wanted', async () => {
    const storage = memoryStorage()
    const guard = failingOnce(join(bench.folder, 'flag'), 5_000)
    const bundlePath = await bench.bundle(counting(bench.folder, 8_000, 10_000, guard))
    const watched = bench.start({ bundlePath, storage, parallelism: 2, checkpointIntervalMs: 20 })
    await watched.handle.done
    const ids = watched.checkpoints.map(({ checkpoint }) => checkpoint)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
    const { checkpoints } = await readLog(storage)
    expect(checkpoints.map(({ checkpoint }) => checkpoint)).toEqual(ids.slice(-3))
    const folders = new Set((await storage.list('checkpoints/')).map((path) => path.split('/')[1]))
    expect(
      [...folders].every((folder) => checkpoints.some((each) => each.folders.includes(`checkpoints/${folder}/`))),
    ).toBe(true)
  })

  it('end a job that fails again and again, with what it failed of', async () => {
    const guard = `throw new LightflusError('LF_CONNECTION_LOST', 'The outside is gone for good.')`
    const bundlePath = await bench.bundle(counting(bench.folder, 10, 1_000, guard))
    const { handle, lines } = bench.start({ bundlePath, restart: { delayMs: 1, delayMsMax: 1, failuresMax: 2 } })
    const { state, error, attempt } = await handle.done
    expect({ state, attempt, code: error?.code }).toEqual({ state: 'FAILED', attempt: 3, code: 'LF_CONNECTION_LOST' })
    expect(lines.at(-1)?.message).toBe('There is no further attempt. It failed 3 times within 600 s.')
  })

  it('are not taken back by a deployment that fails after its job was started elsewhere', async () => {
    const storage = folderStorage(join(bench.folder, 'checkpoints'))
    const flag = join(bench.folder, 'flag')
    const guard = `if (existsSync(${JSON.stringify(flag)})) throw new LightflusError('LF_CONNECTION_LOST', 'Gone.')`
    const failing = await bench.bundle(counting(bench.folder, 1_000_000, 10_000, guard), 'failing.ts')
    const sound = await bench.bundle(counting(bench.folder, 1_000_000, 10_000), 'sound.ts')
    const first = bench.start({ bundlePath: failing, storage })
    await until('it runs', () => counted(first) > 0)
    const second = bench.start({ bundlePath: sound, storage, checkpointIntervalMs: 20 })
    await until('it has been superseded', () => second.checkpoints.length > 0)
    await writeFile(flag, '')
    const { state, error } = await first.handle.done
    expect({ state, code: error?.code }).toEqual({ state: 'FAILED', code: 'LF_ATTEMPT_FENCED' })
    expect(await second.handle.suspend()).toMatchObject({ state: 'SUSPENDED', attempt: 2 })
  })

  it('fence an attempt whose job was started elsewhere', async () => {
    const storage = folderStorage(join(bench.folder, 'checkpoints'))
    const bundlePath = await bench.bundle(counting(bench.folder, 1_000_000, 10_000))
    const first = bench.start({ bundlePath, storage, checkpointIntervalMs: 20 })
    await until('it has a checkpoint', () => first.checkpoints.length > 0)
    const second = bench.start({ bundlePath, storage, checkpointIntervalMs: 20 })
    const { state, error } = await first.handle.done
    expect({ state, code: error?.code }).toEqual({ state: 'FAILED', code: 'LF_ATTEMPT_FENCED' })
    await until('the second has a checkpoint', () => second.checkpoints.length > 0)
    expect(await second.handle.suspend()).toMatchObject({ state: 'SUSPENDED', attempt: 2 })
  })

  it('are passed over where they are damaged, with a word about it; and none is used when all are', async () => {
    const storage = memoryStorage()
    const bundlePath = await bench.bundle(counting(bench.folder, 6_000, 10_000))
    const first = bench.start({ bundlePath, storage, checkpointIntervalMs: 20, limits: { checkpointsKept: 2 } })
    await until('it has checkpoints', () => first.checkpoints.length > 3)
    await first.handle.cancel()
    const kept = (await readLog(storage)).checkpoints
    const snapshot = `${kept[1].folders[0]}0-0`
    const bytes = (await storage.get(snapshot))!
    bytes[bytes.length - 1] ^= 1
    await storage.put(snapshot, bytes)
    const second = bench.start({ bundlePath, storage })
    expect(await second.handle.done).toMatchObject({ state: 'FINISHED' })
    const messages = second.lines.map(({ message }) => message)
    expect(messages[0]).toMatch(new RegExp(`^Checkpoint ${kept[1].checkpoint} is passed over.*checksum does not match`))
    expect(messages[1]).toMatch(new RegExp(`^Attempt 2 starts from checkpoint ${kept[0].checkpoint},`))
    expect(unique(shown(await bench.rows<Counted>('out.jsonl')))).toEqual(expectedCounts(6_000))
    for (const path of await storage.list('checkpoints/')) await storage.delete(path)
    const { state, error } = await bench.start({ bundlePath, storage }).handle.done
    expect({ state, code: error?.code }).toEqual({ state: 'FAILED', code: 'LF_CHECKPOINT_DAMAGED' })
  })

  it('may fail for a while without harm to the job', async () => {
    const memory = memoryStorage()
    let left = 5
    const storage: CheckpointStorage = {
      ...memory,
      put: async (path, bytes) => {
        if (path.startsWith('checkpoints/') && left-- > 0) throw new LightflusError('LF_STORAGE_FULL', 'No room.')
        await memory.put(path, bytes)
      },
    }
    const bundlePath = await bench.bundle(counting(bench.folder, 5_000, 10_000))
    const watched = bench.start({ bundlePath, storage, checkpointIntervalMs: 20 })
    expect(await watched.handle.done).toMatchObject({ state: 'FINISHED', attempt: 1 })
    expect(watched.lines.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Checkpoint 1 failed\. .* No room\.$/),
    )
    const { completed, failed, lastFailure } = watched.handle.checkpoints()
    expect(completed).toBe(watched.checkpoints.length)
    expect(failed).toBeGreaterThan(0)
    expect(lastFailure?.reason).toMatch(/No room\.$/)
    expect(shown(await bench.rows<Counted>('out.jsonl')).sort()).toEqual(expectedCounts(5_000))
  })

  it('fail the attempt when they fail again and again, and let a suspension stand on the newest', async () => {
    const memory = memoryStorage()
    let full = false
    const storage: CheckpointStorage = {
      ...memory,
      put: async (path, bytes) => {
        if (full && path.startsWith('checkpoints/')) throw new LightflusError('LF_STORAGE_FULL', 'No room.')
        await memory.put(path, bytes)
      },
    }
    const bundlePath = await bench.bundle(counting(bench.folder, 1_000_000, 10_000))
    const watched = bench.start({ bundlePath, storage, checkpointIntervalMs: 20 })
    await until('it has a checkpoint', () => watched.checkpoints.length > 0)
    full = true
    await until('the attempt fails', () => watched.states.some(({ state }) => state === 'RESTARTING'))
    expect(watched.handle.error).toMatchObject({ code: 'LF_STORAGE_FULL' })
    await until('the next one runs', () => watched.states.filter(({ state }) => state === 'RUNNING').length > 1)
    expect(await watched.handle.suspend()).toMatchObject({ state: 'SUSPENDED' })
    expect(watched.lines.at(-1)?.message).toBe('No savepoint could be made; the newest checkpoint stands.')
  })

  it('are taken on demand while the job goes on, also over a restart, and told where none comes', async () => {
    const storage = memoryStorage()
    const flag = join(bench.folder, 'failed')
    const text = counting(bench.folder, 1_000_000, 10_000, failingOnce(flag, 2_000))
    const watched = bench.start({ bundlePath: await bench.bundle(text), storage })
    const first = await watched.handle.savepoint()
    await until('it has failed once', () => watched.states.some(({ state }) => state === 'RESTARTING'))
    const [second, same] = await Promise.all([watched.handle.savepoint(), watched.handle.savepoint()])
    expect([first, second].map(({ kind, attempt }) => [kind, attempt])).toEqual([
      ['savepoint', 1],
      ['savepoint', 2],
    ])
    expect(same).toEqual(second)
    const before = counted(watched)
    await until('it goes on', () => counted(watched) > before)
    const logged = (await readLog(storage)).checkpoints.filter(({ kind }) => kind === 'savepoint')
    expect(logged.map(({ checkpoint }) => checkpoint)).toEqual([first.checkpoint, second.checkpoint])
    await watched.handle.cancel()
    await expect(watched.handle.savepoint()).rejects.toMatchObject({
      code: 'LF_SAVEPOINT_FAILED',
      message: 'Job test, CANCELLED, took no savepoint.',
    })
  })

  it('are ignored by a fresh start, and not by the same one coming back', async () => {
    const storage = memoryStorage()
    const bundlePath = await bench.bundle(counting(bench.folder, 1_000_000, 10_000))
    const run = async (options: { restore: 'newest' | 'none'; deploymentId?: string }): Promise<string> => {
      const watched = bench.start({ bundlePath, storage, ...options })
      await until('some records have come', () => counted(watched) > 10)
      await watched.handle.suspend()
      return watched.lines[0].message
    }
    await run({ restore: 'newest' })
    expect(await run({ restore: 'none', deploymentId: 'two' })).toBe(
      'Attempt 2 starts without a checkpoint, with 1 slot.',
    )
    expect(await run({ restore: 'none', deploymentId: 'two' })).toMatch(/^Attempt 3 starts from savepoint 2,/)
    expect(await run({ restore: 'none' })).toMatch(/^Attempt 4 starts without a checkpoint/)
    expect(await run({ restore: 'newest' })).toMatch(/^Attempt 5 starts from savepoint 4,/)
  })

  it('are refused by a program that lacks an operator whose state they hold', async () => {
    const storage = memoryStorage()
    const text = counting(bench.folder, 1_000_000, 10_000)
    const first = bench.start({ bundlePath: await bench.bundle(text), storage })
    await until('some records have come', () => counted(first) > 10)
    await first.handle.suspend()
    const renamed = await bench.bundle(text.replace("name: 'count'", "name: 'counted'"), 'renamed.ts')
    const { state, error } = await bench.start({ bundlePath: renamed, storage }).handle.done
    expect({ state, code: error?.code }).toEqual({ state: 'FAILED', code: 'LF_RESTORE_MISMATCH' })
    expect(error!.message).toContain('count (process)')
  })

  it('are gone on from by number, once: newer ones are ignored, and never come back', async () => {
    const storage = memoryStorage()
    const bundlePath = await bench.bundle(counting(bench.folder, 1_000_000, 10_000))
    const run = async (restore: 'newest' | { checkpoint: number }, deploymentId: string): Promise<string> => {
      const watched = bench.start({ bundlePath, storage, restore, deploymentId })
      await until('some records have come', () => counted(watched) > 10)
      await watched.handle.suspend()
      return watched.lines[0].message
    }
    await run('newest', 'one')
    expect(await run('newest', 'two')).toMatch(/ starts from savepoint 1,/)
    expect(await run({ checkpoint: 1 }, 'three')).toMatch(/ starts from savepoint 1,/)
    expect(await run({ checkpoint: 1 }, 'three')).toMatch(/ starts from savepoint 3,/)
    expect(await run('newest', 'four')).toMatch(/ starts from savepoint 4,/)
    const { error } = await bench.start({ bundlePath, storage, restore: { checkpoint: 99 } }).handle.done
    expect(error).toMatchObject({
      code: 'LF_RESTORE_UNKNOWN',
      message:
        'Job test keeps no checkpoint or savepoint 99; it keeps savepoint 5, savepoint 4, savepoint 3, savepoint 2, savepoint 1.',
    })
  })

  it('are taken over by operators that say what they were called', async () => {
    const storage = memoryStorage()
    const text = counting(bench.folder, 5_000, 10_000)
    const first = bench.start({ bundlePath: await bench.bundle(text), storage })
    await until('some records have come', () => counted(first) > 10)
    await first.handle.suspend()
    const renaming = text.replace("name: 'count'", "name: 'counted', formerly: ['count']")
    const second = bench.start({ bundlePath: await bench.bundle(renaming, 'renamed.ts'), storage, parallelism: 2 })
    expect(await second.handle.done).toMatchObject({ state: 'FINISHED', error: undefined })
    expect(shown(await bench.rows<Counted>('out.jsonl')).sort()).toEqual(expectedCounts(5_000))
  })

  it('lose what a program without the operator is told to drop', async () => {
    const storage = memoryStorage()
    const text = counting(bench.folder, 1_000_000, 10_000)
    const first = bench.start({ bundlePath: await bench.bundle(text), storage })
    await until('some records have come', () => counted(first) > 10)
    await first.handle.suspend()
    const renamed = await bench.bundle(text.replace("name: 'count'", "name: 'counted'"), 'renamed.ts')
    const refused = await bench.start({ bundlePath: renamed, storage }).handle.done
    expect(refused.error).toMatchObject({ code: 'LF_RESTORE_MISMATCH', details: { operators: ['count'] } })
    expect(refused.error!.nextStep).toContain(': --drop-state count.')
    const second = bench.start({ bundlePath: renamed, storage, dropState: ['count'] })
    await until('it runs', () => recordsOf(second, 'counted').in > 10)
    expect(await second.handle.suspend()).toMatchObject({ state: 'SUSPENDED' })
  })

  it('cannot hold state that is not data', async () => {
    const text = `
      import { generator, job, table } from 'lightflus'
      export default job('test', (flow) => {
        flow.source(generator.source({ perSecond: 1_000, generate: () => ({ fn: () => 1 }) }))
          .keyBy(() => 1).reduce((a) => a, { name: 'folded' })
          .sinkTo(table.sink({ row: () => ({ n: 1 }) }))
      })`
    const { handle } = bench.start({ bundlePath: await bench.bundle(text), checkpointIntervalMs: 20 })
    expect((await handle.done).error).toMatchObject({ code: 'LF_STATE_UNSUPPORTED', details: { operator: 'folded' } })
  })

  it('are no matter of records that cannot be copied: those fail where they change slot', async () => {
    const text = `
      import { generator, job, table } from 'lightflus'
      export default job('test', (flow) => {
        flow.source(generator.source({ perSecond: 1_000, generate: (index) => ({ index, fn: () => 1 }) }))
          .keyBy(({ index }) => index, { name: 'by' }).reduce((a) => a, { name: 'folded' })
          .sinkTo(table.sink({ row: () => ({ n: 1 }) }))
      })`
    const { error } = await bench.start({ bundlePath: await bench.bundle(text), parallelism: 2 }).handle.done
    expect(error).toMatchObject({ code: 'LF_RECORD_UNSUPPORTED', message: expect.stringContaining('by->folded') })
  })
})
