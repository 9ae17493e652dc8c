import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { keyGroupOf, subtaskOfKeyGroup } from '@lightflus/engine'
import { checkpointsUnloggedMax } from '@lightflus/storage'
import { elementsInFlightMax } from './exchange/exchange-limits.ts'
import { until } from './testing/until.ts'
import { recordsOf, Workbench, type Watched } from './testing/workbench.ts'

const records = 400_000
/** Most records that a batch holds: what an operator is handed, and what it emits. */
const batchRecordsMax = 2_048

describe('a sink that takes nothing for a while', () => {
  let bench: Workbench
  let reader: FileHandle
  let path: string
  beforeEach(async () => {
    bench = await Workbench.open()
    // A pipe that nobody reads is the slowest sink there is: the write waits in the kernel.
    path = join(bench.folder, 'pipe.jsonl')
    execFileSync('mkfifo', [path])
    reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  })
  afterEach(async () => {
    await reader.close()
    await bench.close()
  })

  /** Waits until the source has stood still for many of the slots' reports. */
  async function standstill(watched: Watched): Promise<number> {
    let seen = -1
    let since = 0
    await until('the source stands still', () => {
      const now = recordsOf(watched, 'numbers').out
      since = now > 0 && now === seen ? since : performance.now()
      seen = now
      return performance.now() - since > 1_500
    })
    return seen
  }

  /** Takes out of the pipe what is there; the number of lines. */
  async function drainPipe(): Promise<number> {
    let lines = 0
    const buffer = Buffer.alloc(65_536)
    for (;;) {
      try {
        const { bytesRead } = await reader.read(buffer, 0, buffer.length)
        if (bytesRead === 0) return lines
        lines += buffer.subarray(0, bytesRead).reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0)
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown
        return lines
      }
    }
  }

  /** One key, whose subtask is the one that writes the pipe. */
  function program(): string {
    const key = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((each) => subtaskOfKeyGroup(keyGroupOf(each), 2) === 0)!
    return `
      import { files, generator, job } from 'lightflus'
      export default job('test', (flow) => {
        flow
          .source(generator.source({ count: ${records}, partitions: 2, generate: (index) => index }), { name: 'numbers' })
          .keyBy(() => ${key})
          .process({ onRecord: (value) => [{ value }] }, { name: 'latest' })
          .filter(({ value }) => value >= 0, { name: 'kept' })
          .sinkTo(files.sink({ path: ${JSON.stringify(path)} }), { name: 'pipe' })
      })`
  }

  it('holds up its source over the exchange, at a bound of records in flight, and loses none', async () => {
    // Goal: memory stays flat because nothing on the way grows.
    const bundlePath = await bench.bundle(program())
    const watched = bench.start({ bundlePath, parallelism: 2 })
    await standstill(watched)
    const inFlight = recordsOf(watched, 'numbers').out - recordsOf(watched, 'pipe').out
    // Two channels lead to the subtask that owns the key; one batch more is in hand at either end of each.
    expect(inFlight).toBeLessThanOrEqual(2 * (elementsInFlightMax + 2) * batchRecordsMax)
    expect(recordsOf(watched, 'numbers').out).toBeLessThan(records)
    expect(watched.handle.state).toBe('RUNNING')

    let lines = 0
    let finished = false
    void watched.handle.done.then(() => (finished = true))
    await until('the job has finished', async () => {
      lines += await drainPipe()
      return finished
    })
    lines += await drainPipe()
    expect(await watched.handle.done).toMatchObject({ state: 'FINISHED' })
    expect(lines).toBe(records)
  }, 60_000)

  it('is left behind by a job that is cancelled, when not even the system lets go of it', async () => {
    const watched = bench.start({ bundlePath: await bench.bundle(program()), parallelism: 2 })
    await standstill(watched)
    expect(await watched.handle.cancel()).toMatchObject({ state: 'CANCELLED' })
    expect(watched.lines.at(-1)?.message).toBe(
      'Slot 0 still waits for the system, and is left behind until that answers.',
    )
    // Until it is answered the slot keeps this process: what it writes is taken from it until it writes no more.
    let looksInVain = 0
    await until('the slot writes no more', async () => {
      looksInVain = (await drainPipe()) === 0 ? looksInVain + 1 : 0
      return looksInVain > 20
    })
  }, 60_000)
})

describe('a job whose barriers take too long', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  const slow = `
    import { generator, job, table } from 'lightflus'
    export default job('test', (flow) => {
      flow
        .source(generator.source({ generate: (index) => index }), { name: 'numbers' })
        .map((index) => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
          return index
        })
        .sinkTo(table.sink({ row: (index) => ({ index }) }))
    })`

  it('has its checkpoints expire, which ends the attempt when they do again and again', async () => {
    const bundlePath = await bench.bundle(slow)
    const watched = bench.start({ bundlePath, checkpointIntervalMs: 10, limits: { checkpointMsMax: 30 } })
    await until('the attempt fails', () => watched.states.some(({ state }) => state === 'RESTARTING'))
    expect(watched.handle.error ?? watched.states.find(({ error }) => error)?.error).toMatchObject({
      code: 'LF_CHECKPOINT_EXPIRED',
    })
    const failed = watched.lines.filter(({ message }) => message.startsWith('Checkpoint '))
    expect(failed.length).toBeGreaterThanOrEqual(checkpointsUnloggedMax)
    expect(failed[0].message).toMatch(/^Checkpoint \d+ failed\. Not every subtask acknowledged it in time\.$/)
  })

  it('can be suspended all the same: the newest checkpoint stands', async () => {
    // Too short for any: a barrier that comes just between two batches may be through in some milliseconds.
    const watched = bench.start({ bundlePath: await bench.bundle(slow), limits: { checkpointMsMax: 1 } })
    await until('records flow', () => recordsOf(watched, 'numbers').out > 0)
    expect(await watched.handle.suspend()).toMatchObject({ state: 'SUSPENDED', checkpoint: undefined })
    expect(watched.lines.at(-1)?.message).toBe('No savepoint could be made; the newest checkpoint stands.')
  })
})
