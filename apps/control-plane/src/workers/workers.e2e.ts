import { closeCompiler } from '@lightflus/compiler'
import type { Client } from '@lightflus/contracts'
import { needs, until } from '@lightflus/testing/services'
import { generatorProgram } from '../testing/programs.ts'
import { reportOf, SpokenWorker } from '../testing/spoken-worker.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'

afterAll(() => closeCompiler())

needs('postgres')('a worker', () => {
  let platform: TestPlatform
  let user: TestUser
  let client: Client
  const apply = (name: string, deployment: object = {}) =>
    client.applyJob({ params: { name }, body: { program: generatorProgram(name), deployment } })

  beforeAll(async () => {
    platform = await TestPlatform.start()
  })
  beforeEach(async () => {
    user = await platform.tenant()
    client = (await platform.signIn(user)).client
  })
  afterAll(() => platform.close())

  test('is known by its token alone', async () => {
    await apply('mine')
    const worker = await SpokenWorker.of(platform, user.tenantId)
    expect((await worker.request([])).status).toBe(200)
    expect((await worker.request([], { workerId: crypto.randomUUID() })).body).toMatchObject({
      status: 401,
      code: 'LF_WORKER_UNKNOWN',
    })
    const { token: users } = await platform.signIn(user)
    for (const token of ['lfw_nonsense', users, ''])
      expect((await platform.request('POST', '/worker/v1/sync', { token, body: {} })).status).toBe(401)
  })

  test('that says what the protocol does not have is told what is wrong', async () => {
    await apply('mine')
    const worker = await SpokenWorker.of(platform, user.tenantId)
    expect((await worker.request([], { protocolVersion: 2 })).body).toMatchObject({
      status: 400,
      code: 'LF_REQUEST_INVALID',
    })
  })

  test('shares with the small jobs of its tenant, and with no others', async () => {
    await apply('one')
    await apply('two')
    await apply('big', { placement: 'dedicated' })
    const own = () => platform.workers.specs.filter((spec) => spec.tenantId === user.tenantId)
    await until(() => own().length === 2, { what: 'a shared and a dedicated worker' })
    const shared = own().find((spec) => spec.placement === 'shared')
    const dedicated = own().find((spec) => spec.placement === 'dedicated')
    if (!shared || !dedicated) throw new Error('both were there')
    const hosted = async (spec: typeof shared) =>
      (await new SpokenWorker(platform, spec).sync()).assignments.map(({ jobName }) => jobName)
    await until(async () => (await hosted(shared)).length === 2, { what: 'both small jobs on the shared worker' })
    expect((await hosted(shared)).toSorted()).toEqual(['one', 'two'])
    expect(await hosted(dedicated)).toEqual(['big'])
    expect(shared.checkpointLocations).toEqual([expect.stringMatching(new RegExp(`/checkpoints/${user.tenantId}$`))])
  })

  test('cannot speak of, nor read, what another worker hosts', async () => {
    await apply('mine')
    const mine = await SpokenWorker.of(platform, user.tenantId)
    const assignment = await mine.assignment()
    await mine.sync(reportOf(assignment))

    await apply('beside', { placement: 'dedicated' })
    const beside = await until(
      () => platform.workers.specs.find((spec) => spec.tenantId === user.tenantId && spec.placement === 'dedicated'),
      { what: 'the other worker' },
    )
    const stranger = await platform.tenant()
    const strangers = (await platform.signIn(stranger)).client
    await strangers.applyJob({
      params: { name: 'theirs' },
      body: { program: generatorProgram('theirs'), deployment: {} },
    })

    for (const other of [new SpokenWorker(platform, beside), await SpokenWorker.of(platform, stranger.tenantId)]) {
      expect((await other.bundle(assignment)).status).toBe(404)
      const { acknowledged } = await other.sync(
        reportOf(assignment, {
          state: 'FAILED',
          attempt: 9,
          logs: [{ sequence: 1, at: 1, level: 'info', operator: null, message: 'forged' }],
        }),
      )
      expect(acknowledged).toHaveLength(1)
    }
    const { status } = (await client.getJob({ params: { name: 'mine' } })).deployment ?? {}
    expect(status).toMatchObject({ state: 'RUNNING', attempt: 1 })
    const lines = (await client.listLogs({ params: { name: 'mine' }, query: {} })).items
    expect(lines.filter(({ message }) => message === 'forged').length).toBeLessThanOrEqual(1)
    expect((await strangers.getUsage({ query: {} })).hours).toEqual([])
  })
})
