import { generator, job, table } from '@lightflus/api'
import { planJob } from '@lightflus/engine'
import { claimJob, memoryStorage, type CheckpointStorage, type JobLog } from '@lightflus/storage'
import { CheckpointFiles, readNewestCheckpoint } from './checkpoint-files.ts'

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
