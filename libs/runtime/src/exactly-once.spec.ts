import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { folderStorage, readLog } from '@lightflus/storage'
import type { CheckpointInfo } from './deployment.ts'
import type { RunAndDie } from './testing/run-and-die.ts'
import { until } from './testing/until.ts'
import { recordsOf, Workbench } from './testing/workbench.ts'

const runner = fileURLToPath(new URL('./testing/run-and-die.ts', import.meta.url))
const partitions = 3

/** One sink behind the source and one behind an exchange; `killAt`: see two-phase-files.ts. */
const program = (folder: string, far: { readonly killAt?: number; readonly refusedOnce?: string }): string => `
  import { generator, job } from 'lightflus'
  const sink = (more) => ({
    accepts: 'inserts',
    connector: 'two-phase-files',
    options: { connector: { folder: ${JSON.stringify(folder)}, ...more, delivery: 'exactly-once' } },
    functions: {},
  })
  export default job('test', (flow) => {
    const numbers = flow.source(
      generator.source({ perSecond: 1_000, partitions: ${partitions}, generate: (index) => index }),
      { name: 'numbers' },
    )
    numbers.sinkTo(sink({}), { name: 'near' })
    numbers.keyBy((n) => n % 13).process({ state: {}, onRecord: (n) => [n] }, { name: 'same' }).sinkTo(sink(${JSON.stringify(far)}), { name: 'far' })
  })`

type Death = Omit<RunAndDie, 'bundlePath' | 'folder'> & { readonly killAt?: number }

describe('a job whose sinks write exactly once', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  /** Runs the job in a process of its own to its end or its death; what it printed last. */
  async function run({ killAt = -1, ...death }: Death): Promise<string> {
    const bundlePath = await bench.bundle(program(join(bench.folder, 'out'), { killAt }), `kill-at-${killAt}.ts`)
    const given: RunAndDie = { bundlePath, folder: join(bench.folder, 'checkpoints'), ...death }
    const child = spawn(process.execPath, ['--conditions=@lf/source', runner, JSON.stringify(given)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    const printed = await text(child.stdout)
    const [code, signal] = (await exited) as [number | null, string | null]
    return signal ?? (code === 0 ? printed.trim() : `exit ${code}`)
  }

  async function committed(sink: string): Promise<number[]> {
    const folder = join(bench.folder, 'out', 'done')
    const files = (await readdir(folder)).filter((name) => name.startsWith(`${sink}.`))
    const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
    return texts
      .flatMap((rows) => rows.split('\n').slice(0, -1))
      .map(Number)
      .sort((a, b) => a - b)
  }

  /** As many rows of each partition as there are, each once: nothing is lost before what is there. */
  const onceEach = (rows: readonly number[]): number[] =>
    Array.from({ length: partitions }, (_, partition) => {
      const own = rows.filter((row) => row % partitions === partition)
      return own.map((_, index) => partition + index * partitions)
    })
      .flat()
      .sort((a, b) => a - b)
  const log = () => readLog(folderStorage(join(bench.folder, 'checkpoints')))

  it('has every row once, however often its process is killed and at which step of a checkpoint or commit', async () => {
    const deaths: Death[] = [
      { parallelism: 2, killAt: 5 },
      { parallelism: 3, killAt: 1 },
      { parallelism: 3, killAtWrite: 6 },
      { parallelism: 1, killAtWrite: 5, killAfter: true },
      { parallelism: 2, killAtWrite: 6, killAfter: true },
      { parallelism: 2, killAt: 6 },
      { parallelism: 4, killAtWrite: 14, killAfter: true },
      { parallelism: 2, killAt: 4 },
      { parallelism: 2, killAtWrite: 1, killAfter: true },
      { parallelism: 3, killAt: 7 },
      { parallelism: 1, killAtWrite: 8 },
      { parallelism: 2, killAt: 9 },
    ]
    for (const death of deaths) expect([death, await run(death)]).toEqual([death, 'SIGKILL'])
    expect(await run({ parallelism: 2, requestAtCheckpoint: { count: 2, what: 'drain' } })).toBe('DRAINED')
    const near = await committed('near')
    expect(near.length).toBeGreaterThan(1_000)
    expect(near).toEqual(onceEach(near))
    expect(await committed('far')).toEqual(near)
    expect(await readdir(join(bench.folder, 'out', 'staged'))).toEqual([])
    const { committedTo, checkpoints, subtasksMax } = await log()
    expect(committedTo).toBe(checkpoints.at(-1)!.checkpoint)
    expect(subtasksMax).toBe(4)
  }, 120_000)

  it.each(['stop', 'drain'] as const)(
    'that is killed between %s and its commit only commits, and ends',
    async (what) => {
      const requestAtCheckpoint = { count: 1, what }
      expect(await run({ parallelism: 3, requestAtCheckpoint, killAtEnding: true })).toBe('SIGKILL')
      const before = await log()
      expect(before.checkpoints.at(-1)!.outputs).toEqual(['near', 'far'])
      expect(before.committedTo).toBeLessThan(before.checkpoints.at(-1)!.checkpoint)
      expect(await run({ parallelism: 2 })).toBe(what === 'stop' ? 'STOPPED' : 'DRAINED')
      const after = await log()
      expect(after.checkpoints).toEqual(before.checkpoints)
      expect(after.committedTo).toBe(after.checkpoints.at(-1)!.checkpoint)
      const near = await committed('near')
      expect(near).toEqual(onceEach(near))
      expect(await committed('far')).toEqual(near)
    },
    60_000,
  )

  it.each(['suspend', 'stop'] as const)(
    'that cannot commit at %s does so in one more attempt',
    async (what) => {
      const refusedOnce = join(bench.folder, 'refused')
      const text = program(join(bench.folder, 'out'), { refusedOnce })
      const connectors = { 'two-phase-files': new URL('./testing/two-phase-files.ts', import.meta.url).href }
      const bundlePath = await bench.bundle(text)
      const watched = bench.start({ bundlePath, connectors, parallelism: 2, checkpointIntervalMs: 1_000_000 })
      await until('some records have come', () => recordsOf(watched, 'far').in > 10)
      const { state, attempt, checkpoint } = await watched.handle[what]()
      expect({ state, attempt }).toEqual({ state: what === 'stop' ? 'STOPPED' : 'SUSPENDED', attempt: 2 })
      expect(checkpoint).toMatchObject({ kind: 'savepoint', attempt: 1 })
      expect(watched.states.map(({ error }) => error?.code)).toContain('LF_CONNECTION_LOST')
      expect(await readdir(join(bench.folder, 'out', 'staged'))).toEqual([])
      const near = await committed('near')
      expect(near.length).toBeGreaterThan(10)
      expect(near).toEqual(onceEach(near))
      expect(await committed('far')).toEqual(near)
    },
    60_000,
  )

  it('tells of each checkpoint how long it held subtasks up, and of its output when it was committed', async () => {
    const committed: CheckpointInfo[] = []
    const watched = bench.start({
      bundlePath: await bench.bundle(program(join(bench.folder, 'out'), {})),
      connectors: { 'two-phase-files': new URL('./testing/two-phase-files.ts', import.meta.url).href },
      parallelism: 2,
      checkpointIntervalMs: 20,
      onCheckpointCommitted: (checkpoint) => committed.push(checkpoint),
    })
    await until('some are committed', () => committed.length > 2)
    await watched.handle.stop()
    const first = watched.checkpoints.find(({ checkpoint }) => checkpoint === committed[0].checkpoint)!
    expect(committed[0]).toEqual({ ...first, commitMs: expect.any(Number) as number })
    expect(first.commitMs).toBeNull()
    expect(first.pauseMs).toBeGreaterThan(0)
    expect(first.alignmentMs).toBeGreaterThanOrEqual(0)
    expect(watched.handle.checkpoints()).toMatchObject({ completed: watched.checkpoints.length, failed: 0 })
  }, 60_000)

  it('has committed all when it is stopped, suspended or drained; and goes on from there', async () => {
    const endings = { suspend: 'SUSPENDED', stop: 'STOPPED', drain: 'DRAINED' } as const
    for (const what of ['suspend', 'stop', 'drain'] as const) {
      expect(await run({ parallelism: 2, requestAtCheckpoint: { count: 2, what } })).toBe(endings[what])
      expect(await readdir(join(bench.folder, 'out', 'staged'))).toEqual([])
      const { committedTo, checkpoints } = await log()
      expect(committedTo).toBe(checkpoints.at(-1)!.checkpoint)
      const near = await committed('near')
      expect(near).toEqual(onceEach(near))
      expect(await committed('far')).toEqual(near)
    }
  }, 60_000)
})
