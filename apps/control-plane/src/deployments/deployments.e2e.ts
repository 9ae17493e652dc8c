import { createHash } from 'node:crypto'
import { closeCompiler } from '@lightflus/compiler'
import type { Client } from '@lightflus/contracts'
import { needs, until } from '@lightflus/testing/services'
import { generatorProgram } from '../testing/programs.ts'
import { checkpointOf, metricsOf, reportOf, SpokenWorker } from '../testing/spoken-worker.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'

afterAll(() => closeCompiler())

needs('postgres')('a deployment', () => {
  let platform: TestPlatform
  let user: TestUser
  let client: Client
  const named = (name: string) => ({ params: { name } })
  const apply = (name: string, rate = 1, deployment: object | null = {}) =>
    client.applyJob({
      ...named(name),
      body: { program: generatorProgram(name, rate), ...(deployment ? { deployment } : {}) },
    })
  const stateOf = async (name: string) => (await client.getJob(named(name))).deployment?.status.state
  const becomes = (name: string, state: string) =>
    until(async () => (await stateOf(name)) === state, { what: `${name} to be ${state}` })
  const worker = () => SpokenWorker.of(platform, user.tenantId)

  beforeAll(async () => {
    platform = await TestPlatform.start()
  })
  beforeEach(async () => {
    user = await platform.tenant()
    client = (await platform.signIn(user)).client
  })
  afterAll(() => platform.close())

  test('is placed, run, and shown as its worker reports it', async () => {
    await apply('run', 1, { parallelism: 2 })
    const spoken = await worker()
    expect(spoken.spec).toMatchObject({
      tenantName: user.tenant,
      placement: 'shared',
      slots: 2,
      controlPlaneUrl: platform.url,
    })
    const assignment = await spoken.assignment()
    expect(assignment).toMatchObject({
      jobName: 'run',
      version: 1,
      desired: 'running',
      parallelism: 2,
      restore: true,
      connections: [],
    })
    const bundle = await spoken.bundle(assignment)
    expect(createHash('sha256').update(bundle.text).digest('hex')).toBe(assignment.bundleSha256)
    await spoken.sync(reportOf(assignment, { state: 'STARTING', attempt: 0 }))
    await becomes('run', 'STARTING')
    const metrics = (read: number) => [metricsOf('read', { recordsOut: read }), metricsOf('write', { recordsIn: read })]
    await spoken.sync(reportOf(assignment, { metrics: metrics(0) }))
    platform.clock.jump(2_000)
    const checkpoint = {
      checkpoint: 1,
      attempt: 1,
      kind: 'checkpoint',
      completedAt: 5,
      durationMs: 2,
      bytes: 9,
      location: 'manifest',
      alignmentMs: 1.5,
      pauseMs: 0.5,
      commitMs: null,
    } as const
    await spoken.sync(reportOf(assignment, { metrics: metrics(1_000), checkpoints: [checkpoint] }))
    const job = await client.getJob(named('run'))
    expect(job.deployment?.status).toMatchObject({
      state: 'RUNNING',
      attempt: 1,
      observedGeneration: 1,
      error: null,
      lastCheckpoint: checkpoint,
    })
    // The clock also ran by itself.
    expect(job.rates?.in).toBeGreaterThan(0)
    expect(job.rates?.in).toBeLessThanOrEqual(500)
    expect(job.rates?.out).toBe(job.rates?.in)
  })

  test('obeys its verbs, each in its time, and says what is possible where one is not', async () => {
    await apply('verbs')
    const spoken = await worker()
    const assignment = await spoken.assignment()
    await spoken.sync(reportOf(assignment))
    expect(await client.suspendJob(named('verbs'))).toMatchObject({
      spec: { desired: 'suspended', generation: 2 },
      status: { state: 'SUSPENDING' },
    })
    expect((await spoken.sync()).assignments[0]).toMatchObject({ desired: 'suspended', generation: 2 })
    // What it said before it saw the wish changes nothing.
    await spoken.sync(reportOf(assignment))
    expect(await stateOf('verbs')).toBe('SUSPENDING')
    await expect(client.drainJob(named('verbs'))).rejects.toMatchObject({
      code: 'LF_JOB_STATE',
      message: expect.stringContaining('possible are stop, cancel'),
    })
    const afterwards = await spoken.sync(reportOf({ ...assignment, generation: 2 }, { state: 'SUSPENDED' }))
    expect(afterwards.assignments).toEqual([])
    expect(await stateOf('verbs')).toBe('SUSPENDED')
    expect(await client.suspendJob(named('verbs'))).toMatchObject({ spec: { generation: 2 } })
    expect(await client.resumeJob(named('verbs'))).toMatchObject({
      spec: { desired: 'running', generation: 3 },
      status: { state: 'PENDING' },
    })
    const resumed = await spoken.assignment()
    await spoken.sync(reportOf({ ...assignment, generation: 2 }, { state: 'SUSPENDED' }))
    expect(await stateOf('verbs')).toBe('PENDING')
    await spoken.sync(reportOf(resumed, { attempt: 2 }))
    expect(await stateOf('verbs')).toBe('RUNNING')
    await client.drainJob(named('verbs'))
    await spoken.sync(reportOf({ ...resumed, generation: 4 }, { attempt: 2, state: 'DRAINED' }))
    expect(await stateOf('verbs')).toBe('STOPPED')
    await expect(client.resumeJob(named('verbs'))).rejects.toMatchObject({ code: 'LF_JOB_STATE' })
    const { items } = await client.listEvents({ ...named('verbs'), query: {} })
    expect(items.map(({ kind, to }) => [kind, to]).reverse()).toEqual([
      ['version', null],
      ['deploy', 'PENDING'],
      ['workerRunning', 'RUNNING'],
      ['suspend', 'SUSPENDING'],
      ['workerSuspended', 'SUSPENDED'],
      ['resume', 'PENDING'],
      ['workerRunning', 'RUNNING'],
      ['drain', 'DRAINING'],
      ['workerDrained', 'STOPPED'],
    ])
    for (const event of items) expect(event.actor).toBe(event.kind.startsWith('worker') ? 'platform' : user.email)
  })

  test('takes a savepoint on demand: asked of the worker until it is there, and of no later run', async () => {
    await apply('saved')
    const spoken = await worker()
    const assignment = await spoken.assignment()
    expect(assignment.savepoint).toBe(0)
    await spoken.sync(reportOf(assignment))
    expect(await client.takeSavepoint(named('saved'))).toMatchObject({
      spec: { generation: 1 },
      status: { state: 'RUNNING', savepointPending: true },
    })
    // Asking again while it is under way asks for no other.
    await client.takeSavepoint(named('saved'))
    expect((await spoken.sync(reportOf(assignment))).assignments[0]).toMatchObject({ savepoint: 1 })
    const savepoint = checkpointOf(7, { kind: 'savepoint' })
    const answer = await spoken.sync(reportOf(assignment, { savepointTaken: 1, checkpoints: [savepoint] }))
    expect(answer.assignments[0]).toMatchObject({ savepoint: 0 })
    expect((await client.getJob(named('saved'))).deployment?.status.savepointPending).toBe(false)
    expect(await client.listCheckpoints({ ...named('saved'), query: {} })).toEqual({
      items: [savepoint],
      nextCursor: null,
    })
    await client.takeSavepoint(named('saved'))
    await client.suspendJob(named('saved'))
    await spoken.sync(reportOf({ ...assignment, generation: 2 }, { state: 'SUSPENDED', savepointTaken: 1 }))
    await expect(client.takeSavepoint(named('saved'))).rejects.toMatchObject({ code: 'LF_JOB_STATE' })
    expect(await client.resumeJob(named('saved'))).toMatchObject({ status: { savepointPending: false } })
  })

  test('starts from a checkpoint of choice, if there is one of that number, and drops what it is told to', async () => {
    await apply('chosen')
    const spoken = await worker()
    const assignment = await spoken.assignment()
    expect(assignment).toMatchObject({ restore: true, from: null, acceptRepeats: false, dropState: [] })
    const figures = { completedAt: 1, durationMs: 5, bytes: 9, alignmentMs: null, pauseMs: null, commitMs: null }
    const savepoint = { checkpoint: 7, attempt: 1, kind: 'savepoint', location: 'x', ...figures } as const
    await spoken.sync(reportOf(assignment, { checkpoints: [savepoint] }))
    const deploy = (body: { readonly from: number; readonly restore?: boolean; readonly dropState?: string[] }) =>
      client.deployJob({ ...named('chosen'), body: { acceptRepeats: true, ...body } })
    await expect(deploy({ from: 8 })).rejects.toMatchObject({
      code: 'LF_RESTORE_UNKNOWN',
      message: 'Job chosen has no checkpoint or savepoint 8; its newest are savepoint 7.',
    })
    expect(await stateOf('chosen')).toBe('RUNNING')
    await expect(deploy({ from: 7, restore: false })).rejects.toMatchObject({ code: 'LF_REQUEST_INVALID' })
    await deploy({ from: 7, dropState: ['gone'] })
    await spoken.sync(reportOf({ ...assignment, generation: 2 }, { state: 'STOPPED' }))
    const next = await spoken.assignment()
    expect(next).toMatchObject({ restore: true, from: 7, acceptRepeats: true, dropState: ['gone'] })
    expect(next.deploymentId).not.toBe(assignment.deploymentId)
    const { items } = await client.listEvents({ ...named('chosen'), query: {} })
    expect(items.map(({ reason }) => reason)).toContain(
      'Version 1 was deployed from checkpoint 7; it waits for the one before to end.',
    )
  })

  test('that never started stops, is suspended and is cancelled at once', async () => {
    platform.workers.failure = new Error('no room')
    try {
      for (const [verb, state] of [
        ['suspendJob', 'SUSPENDED'],
        ['stopJob', 'STOPPED'],
        ['cancelJob', 'CANCELLED'],
      ] as const) {
        await apply(state.toLowerCase())
        expect(await client[verb](named(state.toLowerCase()))).toMatchObject({ status: { state } })
      }
    } finally {
      platform.workers.failure = undefined
    }
  })

  test('fails with its error, and runs again when it is deployed again', async () => {
    await apply('fails')
    const spoken = await worker()
    const assignment = await spoken.assignment()
    const error = {
      code: 'LF_USER_FUNCTION',
      message: 'x is not a function',
      details: { operator: 'map-1' },
      nextStep: 'Mend it.',
    }
    await spoken.sync(reportOf(assignment, { state: 'FAILED', error }))
    const failed = await client.getJob(named('fails'))
    expect(failed.deployment?.status).toMatchObject({ state: 'FAILED', error })
    expect(await apply('fails')).toMatchObject({ job: { deployment: { id: failed.deployment?.id } } })
    const again = await client.deployJob({ ...named('fails'), body: {} })
    expect(again.id).not.toBe(failed.deployment?.id)
    const next = await spoken.assignment()
    expect(next.deploymentId).toBe(again.id)
    // What the old one still says is not about the new one.
    await spoken.sync(reportOf(assignment, { state: 'RUNNING', attempt: 9 }))
    expect(await stateOf('fails')).toBe('PENDING')
  })

  test('is replaced by a newer version once it has stopped, from where it stopped', async () => {
    await apply('replaced', 1, { parallelism: 1 })
    const spoken = await worker()
    const before = await spoken.assignment()
    await spoken.sync(reportOf(before))
    const applied = await apply('replaced', 2, { parallelism: 3 })
    expect(applied).toMatchObject({
      versionCreated: true,
      job: { deployment: { spec: { version: 2, parallelism: 3 }, status: { state: 'PENDING' } } },
    })
    const { assignments } = await spoken.sync()
    expect(assignments).toEqual([
      expect.objectContaining({ deploymentId: before.deploymentId, desired: 'stopped', generation: 2 }),
    ])
    await spoken.sync(reportOf(assignments[0], { state: 'STOPPED' }))
    const after = await spoken.assignment()
    expect(after).toMatchObject({
      version: 2,
      parallelism: 3,
      restore: true,
      checkpointLocation: before.checkpointLocation,
    })
    expect(after.deploymentId).not.toBe(before.deploymentId)
  })

  test('deploys with the settings of the time before, and of any version', async () => {
    await apply('settings', 1, { parallelism: 2, checkpointIntervalMs: 5_000, placement: 'dedicated' })
    await apply('settings', 2, null)
    await client.cancelJob(named('settings'))
    const deployed = await client.deployJob({ ...named('settings'), body: { version: 1, restore: false } })
    expect(deployed.spec).toMatchObject({
      version: 1,
      parallelism: 2,
      checkpointIntervalMs: 5_000,
      placement: 'dedicated',
    })
    await expect(client.deployJob({ ...named('settings'), body: { version: 7 } })).rejects.toMatchObject({
      code: 'LF_VERSION_NOT_FOUND',
    })
  })

  test('that begins afresh goes on from its own checkpoints, not from older ones', async () => {
    await apply('afresh')
    await client.cancelJob(named('afresh'))
    const { id } = await client.deployJob({ ...named('afresh'), body: { restore: false } })
    const spoken = await worker()
    const assignment = await until(
      async () => (await spoken.sync()).assignments.find((each) => each.deploymentId === id),
      { what: 'the assignment' },
    )
    expect(assignment.restore).toBe(false)
    const checkpoint = checkpointOf(4)
    expect((await spoken.sync(reportOf(assignment, { checkpoints: [checkpoint] }))).assignments[0].restore).toBe(true)
  })
})
