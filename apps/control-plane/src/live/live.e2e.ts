import { closeCompiler } from '@lightflus/compiler'
import type { Client } from '@lightflus/contracts'
import { needs, until } from '@lightflus/testing/services'
import { accessTokenMsMax } from '../auth/access-tokens.ts'
import { asOwner } from '../testing/fresh-database.ts'
import { LiveViewer } from '../testing/live-viewer.ts'
import { generatorProgram } from '../testing/programs.ts'
import { metricsOf, reportOf, SpokenWorker } from '../testing/spoken-worker.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'

afterAll(() => closeCompiler())

needs('postgres')('a live stream', () => {
  let platform: TestPlatform
  let user: TestUser
  let client: Client
  let token: string
  const viewers: LiveViewer[] = []
  const view = async (url = platform.url, bearer = token) => {
    const viewer = await LiveViewer.open(url, 'live', bearer)
    viewers.push(viewer)
    return viewer
  }
  const line = (sequence: number) => ({
    sequence,
    at: sequence,
    level: 'info' as const,
    operator: null,
    message: `line ${sequence}`,
  })
  const row = (sequence: number) => ({ sequence, at: sequence, sink: 'write', key: null, row: { sequence } })

  beforeAll(async () => {
    platform = await TestPlatform.start({ limits: { liveStreamsPerTenantMax: 3 } })
  })
  beforeEach(async () => {
    user = await platform.tenant()
    ;({ client, token } = await platform.signIn(user))
    await client.applyJob({ params: { name: 'live' }, body: { program: generatorProgram('live'), deployment: {} } })
  })
  afterEach(() => {
    for (const viewer of viewers.splice(0)) viewer.leave()
  })
  afterAll(() => platform.close())

  test('begins with how things are and goes on with what comes', async () => {
    const worker = await SpokenWorker.of(platform, user.tenantId)
    const assignment = await worker.assignment()
    await worker.sync(reportOf(assignment, { state: 'STARTING', logs: [line(1)], rows: [row(1)] }))
    const viewer = await view()
    await viewer.sees('status', ({ job }) => job.deployment?.status.state === 'STARTING')
    await viewer.sees('event', ({ event }) => event.kind === 'deploy')
    await viewer.sees('logs', ({ lines }) => lines[0].message === 'line 1')
    await viewer.sees('rows', ({ rows }) => rows[0].row?.sequence === 1)

    const metrics = [metricsOf('read', { recordsOut: 5 })]
    await worker.sync(reportOf(assignment, { metrics, logs: [line(1), line(2)], rows: [row(2)] }))
    await viewer.sees('metrics', ({ state, operators }) => state === 'RUNNING' && operators[0].recordsOut === 5)
    await viewer.sees('status', ({ job }) => job.deployment?.status.state === 'RUNNING')
    await viewer.sees('event', ({ event }) => event.to === 'RUNNING')
    await viewer.sees('logs', ({ lines }) => lines.length === 1 && lines[0].message === 'line 2')
    await viewer.sees('rows', ({ rows }) => rows.length === 1 && rows[0].row?.sequence === 2)
    await worker.sync(reportOf(assignment, { rows: [{ ...row(3), key: 'gone', row: null }] }))
    await viewer.sees('rows', ({ rows }) => rows.length === 1 && rows[0].key === 'gone' && rows[0].row === null)
    const messages = viewer.events.flatMap((event) =>
      event.type === 'logs' ? event.lines.map(({ message }) => message) : [],
    )
    expect(messages).toEqual(['line 1', 'line 2'])
  })

  test('shows what another control plane heard, and goes on after Postgres dropped its connection', async () => {
    const replica = await platform.startReplica()
    try {
      const viewer = await view(replica.url)
      await viewer.sees('status')
      const worker = await SpokenWorker.of(platform, user.tenantId)
      const assignment = await worker.assignment()
      await worker.sync(reportOf(assignment, { logs: [line(1)] }))
      await viewer.sees('logs', ({ lines }) => lines[0].message === 'line 1')
      await asOwner(
        platform.databaseUrl,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lightflus-live' AND datname = current_database()`,
      )
      await worker.sync(reportOf(assignment, { logs: [line(2)] }))
      await viewer.sees('logs', ({ lines }) => lines.some(({ message }) => message === 'line 2'))
      expect(viewer.ended).toBe(false)
    } finally {
      for (const viewer of viewers) viewer.leave()
      await replica.close()
    }
  })

  test('shows a tenant nothing of another’s job', async () => {
    const { token: others } = await platform.signIn(await platform.tenant())
    expect(await view(platform.url, others)).toMatchObject({
      status: 404,
      problem: { code: 'LF_JOB_NOT_FOUND', detail: 'There is no job live.' },
    })
    expect(await view(platform.url, 'nonsense')).toMatchObject({ status: 401 })
  })

  test('ends when the job is deleted', async () => {
    const viewer = await view()
    await viewer.sees('status')
    await client.cancelJob({ params: { name: 'live' } })
    const worker = await SpokenWorker.of(platform, user.tenantId)
    await until(
      async () => {
        const [assignment] = (await worker.sync()).assignments
        if (assignment) await worker.sync(reportOf(assignment, { state: 'CANCELLED' }))
        return (await client.getJob({ params: { name: 'live' } })).deployment?.status.state === 'CANCELLED'
      },
      { what: 'the job to be cancelled' },
    )
    await client.deleteJob({ params: { name: 'live' } })
    await until(() => viewer.ended, { what: 'the stream to end' })
  })

  test('ends with the credentials that it was opened with', async () => {
    // The token is good for its whole time; the stream finds that time over.
    platform.clock.jump(accessTokenMsMax)
    const viewer = await view()
    await until(() => viewer.ended, { what: 'the stream to end' })
    expect(viewer.status).toBe(200)
  })

  test('is one of as many as a tenant may hold open', async () => {
    const open = await Promise.all([view(), view(), view()])
    for (const viewer of open) await viewer.sees('status')
    expect(await view()).toMatchObject({ status: 403, problem: { code: 'LF_QUOTA_EXCEEDED' } })
    open[0].leave()
    await until(async () => (await view()).status === 200, { what: 'a place to be free again' })
  })

  test('ends when the control plane does, which waits for no viewer', async () => {
    const replica = await platform.startReplica()
    const viewer = await view(replica.url)
    await viewer.sees('status')
    await replica.close()
    await until(() => viewer.ended, { what: 'the stream to end' })
  })
})
