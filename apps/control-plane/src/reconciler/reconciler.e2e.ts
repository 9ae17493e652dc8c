import { mkdir, stat } from 'node:fs/promises'
import { closeCompiler } from '@lightflus/compiler'
import { LightflusError } from '@lightflus/api'
import type { Client } from '@lightflus/contracts'
import { needs, until } from '@lightflus/testing/services'
import { generatorProgram } from '../testing/programs.ts'
import { reportOf, SpokenWorker } from '../testing/spoken-worker.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'
import { KeepWorker } from './keep-worker.ts'
import { Listening } from './listening.ts'

afterAll(() => closeCompiler())

const limits = { workersLostMax: 5, workerIdleMsMax: 200, workerSilenceMsMax: 30_000 }

needs('postgres')('the reconciler', () => {
  let platform: TestPlatform
  let user: TestUser
  let client: Client
  const named = (name: string) => ({ params: { name } })
  const apply = (name: string, deployment: object = {}) =>
    client.applyJob({ ...named(name), body: { program: generatorProgram(name), deployment } })
  const statusOf = async (name: string) => (await client.getJob(named(name))).deployment?.status
  const becomes = (name: string, state: string) =>
    until(async () => (await statusOf(name))?.state === state, { what: `${name} to be ${state}` })
  const worker = () => SpokenWorker.of(platform, user.tenantId)
  const placed = () => platform.workers.specs.filter((spec) => spec.tenantId === user.tenantId)
  const lossesOf = async (name: string) =>
    platform.controlPlane.database.tenant(user.tenantId, async ({ client: rows }) => {
      const { workersLost } = await rows.deployment.findFirstOrThrow({ where: { job: { name } } })
      return workersLost
    })
  const run = async (name: string) => {
    await apply(name)
    const spoken = await worker()
    const assignment = await spoken.assignment(name)
    await spoken.sync(reportOf(assignment))
    return { spoken, assignment }
  }

  beforeEach(async () => {
    platform = await TestPlatform.start({ limits })
    user = await platform.tenant()
    client = (await platform.signIn(user)).client
  })
  afterEach(() => platform.close())

  test('starts a lost worker again, and its deployments go on', async () => {
    const { spoken, assignment } = await run('lost')
    platform.workers.crash(spoken.spec.workerId)
    await becomes('lost', 'RESTARTING')
    await until(() => placed().length === 1, { what: 'the worker to be placed again' })
    const again = await worker()
    expect(again.spec.token).toBe(spoken.spec.token)
    expect((await again.assignment()).generation).toBe(assignment.generation)
    await again.sync(reportOf(assignment, { state: 'STARTING', attempt: 0 }))
    expect((await statusOf('lost'))?.state).toBe('RESTARTING')
    await again.sync(reportOf(assignment, { attempt: 2 }))
    expect(await statusOf('lost')).toMatchObject({ state: 'RUNNING', attempt: 2, restarts: 1 })
    const { items } = await client.listEvents({ ...named('lost'), query: {} })
    expect(items.find(({ kind }) => kind === 'workerLost')?.reason).toContain('exit code 137')
  })

  test.each([
    ['suspendJob', 'SUSPENDED'],
    ['stopJob', 'STOPPED'],
    ['cancelJob', 'CANCELLED'],
  ] as const)('takes the loss of a worker under %s as its end', async (verb, state) => {
    const { spoken } = await run('ending')
    await client[verb](named('ending'))
    platform.workers.crash(spoken.spec.workerId)
    await becomes('ending', state)
  })

  test('gives up on a deployment that ends worker after worker, and spares those beside it', async () => {
    const { spoken } = await run('beside')
    await apply('bad')
    await spoken.assignment('bad')
    for (let losses = 1; losses <= limits.workersLostMax; losses++) {
      const host = await until(
        async () => {
          for (const spec of placed()) {
            const { assignments } = await new SpokenWorker(platform, spec).sync()
            if (assignments.some(({ jobName }) => jobName === 'bad')) return spec
          }
          return undefined
        },
        { what: `a worker for the bad job after ${losses - 1} losses` },
      )
      const before = await lossesOf('bad')
      platform.workers.crash(host.workerId)
      await until(async () => (await lossesOf('bad')) > before, { what: 'the loss to be seen' })
      // Starts wait longer after each loss; that time passes here at once.
      platform.clock.jump(60_000)
    }
    await becomes('bad', 'FAILED')
    expect(await statusOf('bad')).toMatchObject({
      error: { code: 'LF_WORKER_LOST', message: expect.stringContaining('exit code 137') },
    })
    expect((await statusOf('beside'))?.state).toBe('RESTARTING')
  })

  test('ends a worker that runs but has been silent for too long', async () => {
    const { spoken } = await run('hung')
    const listening = platform.controlPlane.app.get(Listening)
    // Not in one leap: a silence in which the platform itself was away is not held against the worker.
    for (let passed = 0; passed <= limits.workerSilenceMsMax; passed += 10_000) {
      platform.clock.jump(10_000)
      listening.heartbeat()
    }
    await until(() => platform.workers.calls.includes(`remove ${spoken.spec.workerId}`), {
      what: 'the silent worker to be ended',
    })
    await becomes('hung', 'RESTARTING')
    await until(() => placed().length === 1, { what: 'the worker to be placed again' })
  })

  test('holds no silence against a worker in which the platform was away itself', async () => {
    const { spoken, assignment } = await run('patient')
    platform.clock.jump(10 * limits.workerSilenceMsMax)
    platform.controlPlane.app.get(Listening).heartbeat()
    await platform.controlPlane.app.get(KeepWorker).execute({ tenantId: user.tenantId, id: spoken.spec.workerId })
    expect(platform.workers.calls).not.toContain(`remove ${spoken.spec.workerId}`)
    await spoken.sync(reportOf(assignment))
    expect((await statusOf('patient'))?.state).toBe('RUNNING')
  })

  test('shows why a worker cannot be placed, and tries again', async () => {
    platform.workers.failure = new LightflusError('LF_PROVISIONER_FAILED', 'spawn EAGAIN')
    await apply('waits')
    await until(async () => (await statusOf('waits'))?.error, { what: 'the reason to be shown' })
    expect(await statusOf('waits')).toMatchObject({
      state: 'PENDING',
      error: { code: 'LF_PROVISIONER_FAILED', message: 'spawn EAGAIN' },
    })
    platform.workers.failure = undefined
    const spoken = await worker()
    await spoken.sync(reportOf(await spoken.assignment()))
    expect(await statusOf('waits')).toMatchObject({ state: 'RUNNING', error: null })
  })

  test('removes a worker that has hosted nothing for a while', async () => {
    const { spoken, assignment } = await run('short')
    await spoken.sync(reportOf(assignment, { state: 'FINISHED' }))
    await until(() => placed().length === 0, { what: 'the worker to be removed' })
    expect((await spoken.request([])).status).toBe(401)
    await run('next')
  })

  test('goes on with what a control plane left half-done when it ended', async () => {
    const { spoken, assignment } = await run('running')
    await apply('suspending')
    const other = await spoken.assignment('suspending')
    await spoken.sync(reportOf(other))
    await client.suspendJob(named('suspending'))
    platform.workers.failure = new Error('the control plane ends before it can place anything')
    await apply('unplaced', { placement: 'dedicated' })
    await platform.controlPlane.close()
    platform.workers.failure = undefined
    // While it is away a worker ends, and nobody hears of it.
    platform.controlPlane = await platform.startReplica()
    client = (await platform.signIn(user)).client
    await until(() => placed().length === 2, { what: 'the unplaced deployment to be placed' })
    const { assignments } = await spoken.sync(
      reportOf(assignment),
      reportOf({ ...other, generation: 2 }, { state: 'SUSPENDED' }),
    )
    expect(assignments.map(({ jobName }) => jobName)).toEqual(['running'])
    expect((await statusOf('suspending'))?.state).toBe('SUSPENDED')
    expect((await statusOf('running'))?.state).toBe('RUNNING')
    platform.workers.crash(spoken.spec.workerId)
    await becomes('running', 'RESTARTING')
  })

  test('hears of a loss that happened while it was away', async () => {
    const { spoken } = await run('away')
    await platform.controlPlane.close()
    platform.workers.crash(spoken.spec.workerId)
    platform.controlPlane = await platform.startReplica()
    client = (await platform.signIn(user)).client
    await becomes('away', 'RESTARTING')
    await until(() => placed().length === 1, { what: 'the worker to be placed again' })
  })

  test('removes a worker that belongs to nothing', async () => {
    const workerId = crypto.randomUUID()
    const identity = { workerId, tenantId: user.tenantId, tenantName: user.tenant }
    await platform.workers.ensureWorker({
      ...identity,
      placement: 'shared',
      token: 'x',
      controlPlaneUrl: '',
      slots: 1,
      slotHeapBytesMax: 1,
      checkpointLocations: [],
    })
    await until(() => platform.workers.calls.includes(`remove ${workerId}`), { what: 'the orphan to be removed' })
  })

  test('removes the checkpoints of a deleted job, and those alone', async () => {
    const { spoken, assignment } = await run('kept')
    const deleted = await run('deleted')
    for (const { checkpointLocation } of [assignment, deleted.assignment])
      await mkdir(checkpointLocation, { recursive: true })
    await spoken.sync(reportOf(deleted.assignment, { state: 'FINISHED' }))
    await client.deleteJob(named('deleted'))
    const isThere = (path: string) =>
      stat(path).then(
        () => true,
        () => false,
      )
    await until(async () => !(await isThere(deleted.assignment.checkpointLocation)), {
      what: 'the checkpoints to be removed',
    })
    expect(await isThere(assignment.checkpointLocation)).toBe(true)
  })
})
