import { generator, job, table } from '@lightflus/api'
import { planJob } from '@lightflus/engine'
import { claimJob, memoryStorage } from '@lightflus/storage'
import { until } from '../testing/until.ts'
import { recordsOf, Workbench } from '../testing/workbench.ts'
import { CheckpointFiles } from './checkpoint-files.ts'
import { inspectPlace } from './inspect-checkpoint.ts'
import { packSnapshot } from './snapshot-copy.ts'

describe('looking into the place of a job’s checkpoints', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  it('finds nothing where nothing is', async () => {
    expect(await inspectPlace(memoryStorage())).toEqual({ attempt: 0, checkpoints: [], inspected: undefined })
  })

  it('tells of each operator how much it keeps and where, over all subtasks', async () => {
    const storage = memoryStorage()
    const bundlePath = await bench.bundle(`
      import { generator, job, state, table } from 'lightflus'
      const counting = {
        state: { count: state.value<number>() },
        onRecord: (_: number, { key, state: { count } }: any) => {
          count.set((count.get() ?? 0) + 1)
          return [{ key, count: count.get() }]
        },
      }
      export default job('test', (flow) => {
        flow
          .source(generator.source({ perSecond: 5_000, partitions: 2, generate: (index) => index }), { name: 'numbers' })
          .keyBy((n) => n % 100)
          .process(counting, { name: 'count' })
          .sinkTo(table.sink(), { name: 'out' })
      })`)
    const watched = bench.start({ bundlePath, storage, parallelism: 2 })
    await until('each key has come', () => recordsOf(watched, 'out').in > 200)
    expect(await watched.handle.suspend()).toMatchObject({ state: 'SUSPENDED' })

    const { attempt, checkpoints, inspected } = await inspectPlace(storage)
    expect([attempt, checkpoints.map(({ kind }) => kind)]).toEqual([1, ['savepoint']])
    expect(inspected!.checkpoint).toBe(checkpoints[0]!.checkpoint)
    expect(inspected!.operators.map(({ operator, kind }) => [operator, kind])).toEqual([
      ['count', 'process'],
      ['numbers', 'source'],
    ])
    const [count, numbers] = inspected!.operators
    // Goal: what both subtasks hold is added up, and a hundred keys lie in many of the 128 groups.
    expect(count!.subtasks).toBe(2)
    expect(count!.keys).toBe(100)
    expect(count!.keyGroups).toBeGreaterThan(30)
    expect(count!.keyedBytes).toBeGreaterThanOrEqual(count!.largestKeyGroupBytes + count!.keyGroups - 1)
    expect(numbers).toMatchObject({ subtasks: 2, keyGroups: 0, keyedBytes: 0, largestKeyGroupBytes: 0 })
    expect(numbers!.otherBytes).toBeGreaterThan(0)
    expect(await inspectPlace(storage, 999)).toEqual({ attempt, checkpoints, inspected: undefined })
  })

  it('tells how much lies in segments of state, each counted once', async () => {
    const storage = memoryStorage()
    const graph = job('test', (flow) => {
      flow.source(generator.source({ generate: (index) => ({ index }) })).sinkTo(table.sink())
    }).build().graph
    const plan = planJob(graph, 2)
    const keeping = { checkpointsKept: 1, savepointsKept: 1 }
    const log = await claimJob({ storage, job: 'test', parallelism: 2, now: () => 0, ...keeping })
    async function* readFile(path: string) {
      yield new Uint8Array(path.length)
    }
    const files = new CheckpointFiles({ storage, attempt: 1, plan, graphHash: '', readFile })
    const { id: chain } = plan.chains[0]!
    const subtasks = await Promise.all(
      [0, 1].map(async (index) => {
        const segments = ['shared', `own ${index}`].map((name) => ({ name, path: name, bytes: name.length }))
        const operator = { operator: 'count', kind: 'process' as const, subtask: 0, keyGroups: new Map(), segments }
        const file = await packSnapshot({ formatVersion: 1, chain, index, operators: [operator] })
        const snapshot = await files.putSnapshot({ chain, index }, 1, file, segments)
        return { chain, index, finished: false, snapshot }
      }),
    )
    const named = { checkpoint: 1, attempt: 1, kind: 'checkpoint', ending: null, outputs: [] } as const
    const stored = await files.putManifest({ job: 'test', parallelism: 2, subtasks, ...named })
    await log.checkpoint({ ...named, completedAt: 0, durationMs: 0, ...stored })
    const { inspected } = await inspectPlace(storage)
    expect(inspected!.operators).toMatchObject([{ operator: 'count', segmentBytes: 6 + 5 + 5, keyedBytes: 0 }])
  })
})
