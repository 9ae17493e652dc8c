import { until } from './testing/until.ts'
import { recordsOf, Workbench } from './testing/workbench.ts'

const maxDriftMs = 5_000
/** Most records that a source reads at once: so far a partition may overshoot. */
const batchRecordsMax = 1_024

/** The slow source stays at its first records; the fast one has a partition in each slot, of every other index. */
const program = `
  import { generator, job, table } from 'lightflus'
  const alignment = { group: 'both', maxDrift: ${maxDriftMs} }
  const eventTime = (index: number) => index
  export default job('test', (flow) => {
    flow
      .source(generator.source({ generate: (index) => index, perSecond: 0.001, eventTime, alignment }), { name: 'slow' })
      .sinkTo(table.sink({ row: (n) => ({ n }) }))
    flow
      .source(generator.source({ generate: (index) => index, partitions: 2, eventTime, alignment }), { name: 'fast' })
      .sinkTo(table.sink({ row: (n) => ({ n }) }))
  })`

describe('sources that wait for each other', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  it('do so over slots, and hand in a savepoint while they wait', async () => {
    // Goal: what one thread has read holds back another, at once and without its coordinator.
    const watched = bench.start({ bundlePath: await bench.bundle(program), parallelism: 2 })
    await until('the fast one is as far as it may', () => recordsOf(watched, 'fast').in >= maxDriftMs)
    expect(await watched.handle.suspend()).toMatchObject({ state: 'SUSPENDED' })
    const slowAt = recordsOf(watched, 'slow').in
    expect(slowAt).toBeLessThan(5)
    expect(recordsOf(watched, 'fast').in).toBeLessThanOrEqual(slowAt + maxDriftMs + 2 * batchRecordsMax)
  })
})
