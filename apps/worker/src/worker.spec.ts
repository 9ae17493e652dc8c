import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeCompiler } from '@lightflus/compiler'
import { until } from '@lightflus/testing/services'
import type { WorkerConfig } from './config.ts'
import { SmallControlPlane } from './testing/small-control-plane.ts'
import { Worker, type WorkerEnd } from './worker.ts'

/** A job that says every number, at a pace, and shows the newest. */
const numbers = (name: string, count: number | null, map = '(n) => n'): string => `
  import { generator, job, table } from 'lightflus'
  export default job('${name}', (flow) => {
    flow.source(generator.source({ ${count === null ? '' : `count: ${count}, `}perSecond: 200, generate: (index) => index }), { name: 'numbers' })
      .map(${map}, { name: 'mapped' })
      .sinkTo(table.sink({ key: () => 'newest', row: (n) => ({ n }) }), { name: 'shown' })
  })`

describe('a worker', () => {
  let folder: string
  let platform: SmallControlPlane
  let running: { worker: Worker; ended: Promise<WorkerEnd> } | undefined

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lightflus-worker-'))
    platform = new SmallControlPlane()
    await platform.come()
  })
  afterEach(async () => {
    running?.worker.end()
    await running?.ended
    running = undefined
    expect(platform.problems).toEqual([])
    await platform.leave()
    await rm(folder, { recursive: true, force: true })
  })
  afterAll(() => closeCompiler())

  function start(options: Partial<WorkerConfig> = {}): Promise<WorkerEnd> {
    const config: WorkerConfig = {
      controlPlaneUrl: platform.url,
      workerId: 'worker-1',
      token: platform.token,
      folder: join(folder, 'own'),
      aloneMsMax: 600_000,
      graceMs: 20_000,
      slotNodeOptions: undefined,
      ...options,
    }
    const worker = new Worker(config, () => {})
    const ended = worker.run()
    running = { worker, ended }
    return ended
  }
  const checkpoints = (job: string): { checkpointLocation: string } => ({
    checkpointLocation: join(folder, 'checkpoints', job),
  })
  const state = (job: string, wanted: string): Promise<unknown> =>
    until(() => platform.latest(job)?.state === wanted, { what: `${job} to be ${wanted}` })

  it('runs what it is assigned, and tells of it: state, counters, rows, lines, checkpoints', async () => {
    const text = numbers('tale', 100, '(n) => { if (n % 50 === 0) console.log("at", n); return n }')
    const job = await platform.assign('tale', text, checkpoints('tale'))
    void start()
    await state(job, 'FINISHED')
    const report = platform.latest(job)!
    expect(report).toMatchObject({ generation: 1, attempt: 1, error: null, usage: { recordsIn: 100, recordsOut: 100 } })
    expect(report.usage.slotSeconds).toBeGreaterThan(0)
    expect(report.metrics.map(({ operator, recordsIn }) => [operator, recordsIn])).toEqual([
      ['numbers', 100],
      ['mapped', 100],
      ['shown', 100],
    ])
    expect(platform.lines(job, 1).map(({ sequence, message }) => [sequence, message])).toEqual([
      [1, 'Attempt 1 starts without a checkpoint, with 1 slot.'],
      [2, 'at 0'],
      [3, 'at 50'],
    ])
    expect(platform.rows(job).at(-1)).toMatchObject({ sink: 'shown', key: 'newest', row: { n: 99 } })
    const told = platform.reports(job).flatMap((each) => each.checkpoints)
    expect(new Set(told.map(({ checkpoint }) => checkpoint)).size).toBeGreaterThan(1)
    expect(told[0]).toMatchObject({ alignmentMs: 0, pauseMs: expect.any(Number) as number, commitMs: null })
    const { completed, failed } = platform.latest(job)!.checkpointCounts
    expect({ some: completed > 1, failed }).toEqual({ some: true, failed: 0 })
  })

  it('suspends and resumes, each under the generation that asked for it', async () => {
    const job = await platform.assign('paused', numbers('paused', null), checkpoints('paused'))
    void start()
    await state(job, 'RUNNING')
    platform.want(job, 'suspended')
    await state(job, 'SUSPENDED')
    expect(platform.latest(job)).toMatchObject({ generation: 2, attempt: 1 })
    platform.want(job, 'running')
    await state(job, 'RUNNING')
    expect(platform.latest(job)).toMatchObject({ generation: 3, attempt: 2 })
    // Goal: nobody may take the end of the first run for that of the second.
    const ends = platform.reports(job).filter((report) => report.state === 'SUSPENDED')
    expect(new Set(ends.map(({ generation }) => generation))).toEqual(new Set([2]))
    expect(platform.lines(job, 2)[0]).toMatchObject({
      sequence: 1,
      message: expect.stringMatching(/^Attempt 2 starts from savepoint/),
    })
  })

  it('takes a savepoint on demand, once, and goes on', async () => {
    const job = await platform.assign('saved', numbers('saved', null), checkpoints('saved'))
    void start()
    await state(job, 'RUNNING')
    platform.wantSavepoint(job, 1)
    await until(() => platform.latest(job)!.savepointTaken === 1, { what: 'the savepoint to be told' })
    const before = platform.latest(job)!.usage.recordsIn
    await until(() => platform.latest(job)!.usage.recordsIn > before, { what: 'the job to go on' })
    const savepoints = new Set(
      platform
        .reports(job)
        .flatMap((report) => report.checkpoints)
        .filter(({ kind }) => kind === 'savepoint')
        .map(({ checkpoint }) => checkpoint),
    )
    expect(savepoints.size).toBe(1)
  })

  it.each([
    ['stopped', 'STOPPED'],
    ['drained', 'DRAINED'],
    ['cancelled', 'CANCELLED'],
  ] as const)('ends a deployment that is to be %s', async (desired, wanted) => {
    const job = await platform.assign('ended', numbers('ended', null), checkpoints('ended'))
    void start()
    await state(job, 'RUNNING')
    platform.want(job, desired)
    await state(job, wanted)
    expect(platform.latest(job)).toMatchObject({ generation: 2, error: null })
  })

  it('lets one deployment fail alone, with its reason in report and log', async () => {
    const sound = await platform.assign('sound', numbers('sound', null), checkpoints('sound'))
    const broken = await platform.assign('broken', numbers('broken', null, '(n) => n.a.b'), checkpoints('broken'))
    void start()
    await state(sound, 'RUNNING')
    await state(broken, 'FAILED')
    expect(platform.latest(broken)!.error).toMatchObject({
      code: 'LF_USER_FUNCTION',
      details: { file: 'broken.ts', line: 5 },
    })
    await until(() => platform.lines(broken, 1).some(({ message }) => message.startsWith('LF_USER_FUNCTION: ')), {
      what: 'the reason to be in the log',
    })
    const before = platform.latest(sound)!.usage.recordsIn
    await until(() => platform.latest(sound)!.usage.recordsIn > before, { what: 'the other to go on' })
  })

  it('cancels what is no longer assigned, tells what it used, and keeps no bundle of it', async () => {
    const job = await platform.assign('gone', numbers('gone', null), checkpoints('gone'))
    void start()
    await until(() => (platform.latest(job)?.usage.recordsIn ?? 0) > 0, { what: 'records to flow' })
    platform.withdraw(job)
    await state(job, 'CANCELLED')
    await until(async () => (await readdir(join(folder, 'own', 'bundles'))).length === 0, { what: 'the bundle to go' })
  })

  it('runs no bundle but the one that its version names', async () => {
    const job = await platform.assign('forged', numbers('forged', null), checkpoints('forged'))
    const right = platform.serveBundle(job, 'export default 1')
    void start()
    await until(() => platform.latest(job)?.error?.code === 'LF_WORKER_BUNDLE', { what: 'the bundle to be refused' })
    expect(platform.latest(job)).toMatchObject({ state: 'STARTING', attempt: 0 })
    platform.serveBundle(job, right)
    await state(job, 'RUNNING')
    expect(platform.latest(job)!.error).toBeNull()
  })

  it('goes on while the control plane is away, and then tells what it has not heard', async () => {
    const said = '(n) => { if (n % 20 === 0) console.log("at", n); return n }'
    const job = await platform.assign('lonely', numbers('lonely', 800, said), checkpoints('lonely'))
    void start()
    await until(() => (platform.latest(job)?.usage.recordsIn ?? 0) > 0, { what: 'records to flow' })
    await platform.leave()
    await until(() => readdir(join(folder, 'own')).then((names) => names.includes('unsent-reports.json')), {
      what: 'the worker to notice',
    })
    await platform.come()
    await state(job, 'FINISHED')
    await until(() => platform.lines(job, 1).length === 41, { what: 'all lines to have come' })
    expect(platform.lines(job, 1).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 41 }, (_, at) => at + 1),
    )
    expect(platform.lines(job, 1).at(-1)!.message).toBe('at 780')
  })

  it('ends itself with savepoints when it is alone for long; the next process tells what is left to tell', async () => {
    const job = await platform.assign('orphan', numbers('orphan', null), checkpoints('orphan'))
    const ended = start({ aloneMsMax: 1 })
    await until(() => (platform.latest(job)?.usage.recordsIn ?? 0) > 0, { what: 'records to flow' })
    const before = platform.latest(job)!
    await platform.leave()
    expect(await ended).toBe('alone')
    await platform.come()
    void start()
    await until(() => platform.reports(job).some(({ attempt }) => attempt === 2), { what: 'the next attempt' })
    const last = platform.reports(job).findLast(({ attempt }) => attempt === 1)!
    expect(last.state).toBe('RESTARTING')
    expect(last.usage.recordsIn).toBeGreaterThanOrEqual(before.usage.recordsIn)
    await until(() => platform.lines(job, 2).length > 0, { what: 'the next attempt to say where it starts' })
    expect(platform.lines(job, 2)[0].message).toMatch(/^Attempt 2 starts from savepoint/)
  })

  it('ends at once when it is refused', async () => {
    const job = await platform.assign('refused', numbers('refused', null), checkpoints('refused'))
    const ended = start()
    await state(job, 'RUNNING')
    platform.refusing = true
    expect(await ended).toBe('refused')
  })
})
