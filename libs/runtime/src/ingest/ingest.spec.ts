import { IngestWriter, memoryStorage, readLog } from '@lightflus/storage'
import { until } from '../testing/until.ts'
import { Workbench, type Watched } from '../testing/workbench.ts'

// Goal: a job reads what was accepted once, whether it ran then or not, and lets go of what it needs no more.

const program = `
  import { files, ingest, job, json } from 'lightflus'
  export default job('test', (flow) => {
    flow
      .source(ingest.source({ endpoint: 'numbers', value: json() }), { name: 'numbers' })
      .sinkTo(files.sink({ path: FOLDER + '/out.jsonl', delivery: 'at-least-once' }), { name: 'out' })
  })`

describe('a job that takes records over HTTP', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  const setUp = async () => {
    const storage = memoryStorage()
    const bundlePath = await bench.bundle(program.replace('FOLDER', JSON.stringify(bench.folder)))
    const limits = { bytesMax: 1_000_000, segmentBytesMax: 1_000, now: Date.now, lingerMs: 0 }
    const writer = new IngestWriter({ storage, job: 'test', endpoint: 'numbers', ...limits })
    let sent = 0
    return {
      storage,
      start: (more: object = {}) => bench.start({ bundlePath, storage, ...more }),
      async send(count: number) {
        for (const end = sent + count; sent < end; sent += 1)
          await writer.append({ records: [Buffer.from(String(sent))], key: undefined })
      },
    }
  }
  const rows = () => bench.rows<number>('out.jsonl')
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
  const reads = (count: number) => until(`${count} rows are written`, async () => (await rows()).length >= count)

  it('reads on after a rest, also what came meanwhile, at another parallelism', async () => {
    const { start, send } = await setUp()
    const first = start()
    await send(3)
    await reads(3)
    await first.handle.suspend()
    await send(2)
    const second = start({ parallelism: 2 })
    await reads(5)
    await second.handle.stop()
    expect((await rows()).sort((one, other) => one - other)).toEqual(upTo(5))
  })

  it('begins a fresh start with what no checkpoint has read', async () => {
    const { start, send } = await setUp()
    await send(3)
    const first = start()
    await reads(3)
    await first.handle.stop()
    await send(1)
    const second = start({ restore: 'none' })
    await reads(4)
    await second.handle.stop()
    expect(await rows()).toEqual(upTo(4))
  })

  it('lets go of what no checkpoint needs', async () => {
    const { storage, start, send } = await setUp()
    const { handle, checkpoints }: Watched = start({ checkpointIntervalMs: 10, limits: { checkpointsKept: 2 } })
    await send(100)
    await reads(100)
    await until('segments are gone', async () => (await storage.list('ingest/numbers/segments/')).length < 100)
    const { ingested } = (await readLog(storage)).checkpoints.at(-1)!
    expect(ingested).toEqual({ numbers: { segment: expect.any(Number), record: expect.any(Number) } })
    await handle.stop()
    expect(checkpoints.length).toBeGreaterThan(0)
  })
})
