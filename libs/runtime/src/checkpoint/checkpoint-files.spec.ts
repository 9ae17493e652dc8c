import { generator, job, table } from '@lightflus/api'
import { planJob } from '@lightflus/engine'
import { claimJob, memoryStorage, type CheckpointStorage, type JobLog, type LoggedCheckpoint } from '@lightflus/storage'
import { CheckpointFiles, readNewestCheckpoint } from './checkpoint-files.ts'
import { RestoredSegments, wantedBy } from './restored-segments.ts'
import { packSnapshot } from './snapshot-copy.ts'

const { graph } = job('orders', (flow) => {
  flow.source(generator.source({ generate: (index) => ({ index }) })).sinkTo(table.sink())
}).build()
const plan = planJob(graph, 1)

/** A job with checkpoints 1, 2, …, each with output of these sinks. */
async function jobWith(...outputs: readonly string[][]): Promise<{ storage: CheckpointStorage; log: JobLog }> {
  const storage = memoryStorage()
  const keeping = { checkpointsKept: 9, savepointsKept: 9 }
  const log = await claimJob({ storage, job: 'orders', parallelism: 1, now: () => 0, ...keeping })
  const files = new CheckpointFiles({ storage, attempt: log.attempt, plan, graphHash: '' })
  for (const [index, sinks] of outputs.entries()) {
    const named = { checkpoint: index + 1, attempt: log.attempt, ending: null, outputs: sinks }
    const manifest = { job: 'orders', parallelism: 1, kind: 'checkpoint', subtasks: [], ...named } as const
    const stored = await files.putManifest(manifest)
    await log.checkpoint({ ...named, kind: 'checkpoint', completedAt: 0, durationMs: 0, ...stored })
  }
  return { storage, log }
}

/** Loses the newest so many, then says which is read, and which are passed over. */
async function readWithout(lost: number, { storage, log }: Awaited<ReturnType<typeof jobWith>>) {
  for (const { manifest } of log.state.checkpoints.slice(-lost)) await storage.delete(manifest.path)
  const passed: number[] = []
  const read = await readNewestCheckpoint(storage, log.state, ({ checkpoint }) => passed.push(checkpoint))
  return { read: read?.logged.checkpoint, passed }
}

describe('a damaged checkpoint', () => {
  it('is passed over where what follows is only written at least once', async () => {
    expect(await readWithout(2, await jobWith([], [], []))).toEqual({ read: 1, passed: [3, 2] })
    // What was committed before it is not written again.
    expect(await readWithout(1, await jobWith([], ['out'], []))).toEqual({ read: 2, passed: [3] })
  })

  it('is not where a sink would write again what it may have committed, whether the log knows of that or not', async () => {
    const refused = { code: 'LF_CHECKPOINT_DAMAGED', details: { checkpoint: 2, sinks: ['out'] } }
    await expect(readWithout(1, await jobWith([], [], ['out']))).rejects.toMatchObject(refused)
    const known = await jobWith([], ['table'], ['out'])
    await known.log.committed(3)
    await expect(readWithout(1, known)).rejects.toMatchObject(refused)
    await expect(readWithout(2, await jobWith([], ['out'], []))).rejects.toMatchObject({
      message: expect.stringContaining(
        'it is missing. Sink out may have committed output since checkpoint 1, the one before, and would write it again.',
      ),
      nextStep: expect.stringMatching(/^Bring the file back from a copy\./),
    })
  })

  it('is what is told where there is no other', async () => {
    await expect(readWithout(2, await jobWith([], []))).rejects.toMatchObject({ code: 'LF_CHECKPOINT_DAMAGED' })
  })
})

describe('segments of state', () => {
  const subtask = { chain: plan.chains[0].id, index: 0 }
  const contents = new Map([
    ['a', 'much'],
    ['b', 'more'],
    ['c', 'last'],
  ])

  /** Checkpoints of one subtask, each made of these segments. */
  async function jobOf(...checkpoints: readonly (readonly string[])[]) {
    const storage = memoryStorage()
    const keeping = { checkpointsKept: 2, savepointsKept: 9 }
    const log = await claimJob({ storage, job: 'orders', parallelism: 1, now: () => 0, ...keeping })
    async function* readFile(path: string) {
      yield new Uint8Array(Buffer.from(contents.get(path)!))
    }
    const files = new CheckpointFiles({ storage, attempt: log.attempt, plan, graphHash: '', readFile })
    for (const [at, names] of checkpoints.entries()) {
      const segments = names.map((name) => ({ name, path: name, bytes: 4 }))
      const operator = { operator: 'o', kind: 'reduce' as const, subtask: 0, keyGroups: new Map(), segments }
      const file = await packSnapshot({ formatVersion: 1, ...subtask, operators: [operator] })
      const snapshot = await files.putSnapshot(subtask, at + 1, file, segments)
      const named = { checkpoint: at + 1, attempt: log.attempt, ending: null, outputs: [] }
      const subtasks = [{ ...subtask, finished: false, snapshot }]
      const manifest = { job: 'orders', parallelism: 1, kind: 'checkpoint', subtasks, ...named } as const
      const stored = await files.putManifest(manifest, log.state.checkpoints)
      await log.checkpoint({ ...named, kind: 'checkpoint', completedAt: 0, durationMs: 0, ...stored })
    }
    return {
      storage,
      log,
      partsOf: (checkpoint: LoggedCheckpoint) => checkpoint.segments!.map((path) => `${path}000000`),
    }
  }
  const bytesOf = async (storage: CheckpointStorage, paths: readonly string[]): Promise<number> =>
    (await Promise.all(paths.map((path) => storage.get(path)))).reduce((sum, file) => sum + file!.byteLength, 0)

  it('are counted in all, and as new only where no kept checkpoint had them before', async () => {
    const { storage, log, partsOf } = await jobOf(['a', 'b'], ['a', 'b', 'c'])
    const [first, second] = log.state.checkpoints
    expect(first.bytesNew).toBe(first.bytes)
    const shared = await bytesOf(storage, partsOf(first))
    expect(second.bytes - second.bytesNew!).toBe(shared)
    expect(partsOf(second).slice(0, 2)).toEqual(partsOf(first))
    const own = (await storage.list('checkpoints/0000000002')).concat(partsOf(second).slice(2))
    expect(second.bytesNew).toBe(await bytesOf(storage, own))
  })

  it('that are lost make each checkpoint damaged that names them, and no other', async () => {
    const { storage, log, partsOf } = await jobOf(['a', 'b'], ['a', 'c'])
    const [first, second] = log.state.checkpoints
    const wanted = { ...wantedBy([], 1), disk: new RestoredSegments(undefined), assertsOthers: true }
    const passed: string[] = []
    const read = () => readNewestCheckpoint(storage, log.state, (_, { message }) => passed.push(message), wanted)
    await storage.delete(partsOf(second)[1])
    expect((await read())?.logged.checkpoint).toBe(1)
    expect(passed).toEqual([`${partsOf(second)[1]} in memory is damaged: it is missing.`])
    await storage.delete(partsOf(first)[0])
    await expect(read()).rejects.toMatchObject({ code: 'LF_CHECKPOINT_DAMAGED' })
  })
})
