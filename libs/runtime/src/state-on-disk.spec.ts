import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { folderStorage } from '@lightflus/storage'
import { until } from './testing/until.ts'
import { recordsOf, Workbench } from './testing/workbench.ts'

const runner = fileURLToPath(new URL('./testing/run-as-process.ts', import.meta.url))
const keys = 60_000
const loops = 3

/** A kilobyte of each key, and how often it was seen. */
const program = (folder: string, limit?: number, ofKeys = keys): string => `
  import { files, generator, job, state } from 'lightflus'
  export default job('test', (flow) => {
    flow
      .source(generator.source({ partitions: 2, ${limit === undefined ? `perSecond: ${ofKeys},` : `count: ${limit},`} generate: (index) => ({ key: index % ${ofKeys} }) }), { name: 'numbers' })
      .keyBy(({ key }) => key)
      .process({
        state: { seen: state.value(), latest: state.list() },
        onRecord({ key }, { state: { seen, latest } }) {
          const before = seen.get() ?? { times: 0, text: 'x'.repeat(1_000) + key }
          before.times++
          seen.set(before)
          latest.set([...latest.get(), before.times].slice(-3))
          return [{ key, times: before.times, latest: latest.get().join(' ') }]
        },
      }, { name: 'seen' })
      .sinkTo(files.sink({ path: ${JSON.stringify(join(folder, 'seen.jsonl'))}, delivery: 'exactly-once' }))
  })`

interface Row {
  readonly key: number
  readonly times: number
  readonly latest: string
}

describe('a job whose states are on disk', () => {
  let bench: Workbench
  let stateFolder: string
  beforeEach(async () => {
    bench = await Workbench.open()
    stateFolder = join(bench.folder, 'state')
  })
  afterEach(() => bench.close())

  const onDisk = () => ({ stateBackend: 'disk' as const, stateFolder, slotHeapBytesMax: 64 * 1_048_576 })

  /** Each key was seen once, twice, and so on, with what was remembered of it. */
  async function assertEachOnce(): Promise<void> {
    const rows = await bench.rows<Row>('seen.jsonl')
    const times = Map.groupBy(rows, ({ key }) => key)
    const wrong = [...times].filter(([, of]) => {
      const seen = of.map((each) => each.times).sort((a, b) => a - b)
      return seen.some((each, index) => each !== index + 1)
    })
    expect(wrong.map(([key]) => key)).toEqual([])
    const expected = ({ times: last }: Row) => [last - 2, last - 1, last].filter((each) => each > 0).join(' ')
    expect(rows.filter((row) => row.latest !== expected(row))).toEqual([])
  }

  it('holds more than its slot may in memory, where it fails', async () => {
    const bundlePath = await bench.bundle(program(bench.folder, keys * loops))
    const inMemory = bench.start({
      bundlePath,
      storage: folderStorage(join(bench.folder, 'memory')),
      checkpointIntervalMs: 200,
      slotHeapBytesMax: 64 * 1_048_576,
    })
    const { error } = await inMemory.handle.done
    expect(['LF_STATE_TOO_LARGE', 'LF_SLOT_MEMORY']).toContain(error!.code)

    const disk = await Workbench.open()
    const other = await disk.bundle(program(disk.folder, keys * loops))
    const { handle } = disk.start({
      bundlePath: other,
      storage: folderStorage(join(disk.folder, 'checkpoints')),
      checkpointIntervalMs: 200,
      ...onDisk(),
    })
    expect(await handle.done).toMatchObject({ state: 'FINISHED' })
    const { stateEntries, stateBytes } = handle.metrics().find(({ operator }) => operator === 'seen')!
    expect(stateEntries).toBe(keys)
    expect(stateBytes).toBeGreaterThan(keys * 1_000)
    expect(await readdir(stateFolder)).toEqual([])
    await disk.close()
  })

  /** Runs the job in a process of its own until that is killed, or has drained; the last line that it printed. */
  async function run(bundlePath: string, slots: number, after: { kill?: number; drain?: number }): Promise<string> {
    const given = [bundlePath, join(bench.folder, 'checkpoints'), String(slots), String(after.drain ?? 0), stateFolder]
    const child = spawn(process.execPath, ['--conditions=@lf/source', runner, ...given], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    let last = ''
    let seen = 0
    for await (const line of createInterface({ input: child.stdout })) {
      last = line
      if (++seen === after.kill) child.kill('SIGKILL')
    }
    await exited
    return last
  }

  it('goes on after the loss of its process, at another parallelism, each record once', async () => {
    const bundlePath = await bench.bundle(program(bench.folder, undefined, 3_000))
    for (const { slots, kill } of [
      { slots: 2, kill: 40 },
      { slots: 3, kill: 5 },
    ])
      expect(await run(bundlePath, slots, { kill })).toMatch(/^checkpoint/)
    expect((await readdir(stateFolder)).length).toBe(1)
    expect(await run(bundlePath, 2, { drain: 10 })).toBe('DRAINED ')
    expect(await readdir(stateFolder)).toEqual([])
    await assertEachOnce()
  })

  it('goes on after the loss of its disk, each record once', async () => {
    const storage = folderStorage(join(bench.folder, 'checkpoints'))
    const bundlePath = await bench.bundle(program(bench.folder, undefined, 3_000))
    const watched = bench.start({ bundlePath, storage, checkpointIntervalMs: 50, parallelism: 2, ...onDisk() })
    await until('there are checkpoints', () => watched.checkpoints.length > 5)
    const [own] = await readdir(stateFolder)
    await rename(join(stateFolder, own!, 'slots'), join(stateFolder, own!, 'elsewhere'))
    await until('it has begun again', () => watched.states.some(({ state }) => state === 'RESTARTING'))
    expect(watched.states.find(({ state }) => state === 'RESTARTING')!.error).toMatchObject({ code: 'LF_STATE_DISK' })
    await until('it runs again', () => watched.handle.state === 'RUNNING')
    expect(await watched.handle.drain()).toMatchObject({ state: 'DRAINED' })
    await assertEachOnce()
  })

  it('stores of a checkpoint what is new', async () => {
    const bundlePath = await bench.bundle(program(bench.folder))
    const watched = bench.start({
      bundlePath,
      storage: folderStorage(join(bench.folder, 'checkpoints')),
      checkpointIntervalMs: 200,
      ...onDisk(),
    })
    await until('each key was seen', () => recordsOf(watched, 'seen').in > keys)
    await until('one stored a part', () =>
      watched.checkpoints.some(({ bytes, bytesNew }) => bytesNew > 0 && bytesNew < bytes / 4),
    )
  })

  it('is not restored into memory', async () => {
    const storage = folderStorage(join(bench.folder, 'checkpoints'))
    const bundlePath = await bench.bundle(program(bench.folder))
    const first = bench.start({ bundlePath, storage, checkpointIntervalMs: 200, ...onDisk() })
    await until('some were seen', () => recordsOf(first, 'seen').in > 1_000)
    await first.handle.suspend()
    const { error } = await bench.start({ bundlePath, storage, checkpointIntervalMs: 200 }).handle.done
    expect(error).toMatchObject({ code: 'LF_DEPLOYMENT_OPTION' })
  })

  it('begins on disk with what was in memory', async () => {
    const given = {
      bundlePath: await bench.bundle(program(bench.folder, undefined, 1_000)),
      storage: folderStorage(join(bench.folder, 'checkpoints')),
      checkpointIntervalMs: 200,
    }
    const first = bench.start(given)
    await until('each was seen', () => recordsOf(first, 'seen').in > 1_000)
    await first.handle.suspend()
    const second = bench.start({ ...given, ...onDisk() })
    await until('each was seen again', () => recordsOf(second, 'seen').in > 1_000)
    expect(await second.handle.drain()).toMatchObject({ state: 'DRAINED' })
    await assertEachOnce()
  })
})
