import { memoryStorage } from '@lightflus/storage'
import { until } from '../testing/until.ts'
import { recordsOf, Workbench } from '../testing/workbench.ts'
import { inspectPlace } from './inspect-checkpoint.ts'

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
})
