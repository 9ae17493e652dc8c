import { closeCompiler } from '@lightflus/compiler'
import type { Client, Job } from '@lightflus/contracts'
import { needs } from '@lightflus/testing/services'
import { generatorProgram, kafkaProgram } from '../testing/programs.ts'
import { checkpointOf, reportOf, SpokenWorker } from '../testing/spoken-worker.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'

afterAll(() => closeCompiler())

needs('postgres')('a job', () => {
  let platform: TestPlatform
  let user: TestUser
  let client: Client
  const named = (name: string) => ({ params: { name } })
  const apply = (name: string, rate = 1, deployment: object | null = {}) =>
    client.applyJob({
      ...named(name),
      body: { program: generatorProgram(name, rate), ...(deployment ? { deployment } : {}) },
    })
  const worker = () => SpokenWorker.of(platform, user.tenantId)

  beforeAll(async () => {
    platform = await TestPlatform.start({
      limits: { logLinesPerJobMax: 10, resultRowsPerJobMax: 4, checkpointsPerJobMax: 3 },
    })
  })
  beforeEach(async () => {
    user = await platform.tenant()
    client = (await platform.signIn(user)).client
  })
  afterAll(() => platform.close())

  test('is checked without being made', async () => {
    const good = await client.checkProgram({ body: generatorProgram('a') })
    expect(good).toMatchObject({ diagnostics: [], graph: { job: 'a' } })
    const { text } = generatorProgram('a')
    const bad = await client.checkProgram({
      body: { fileName: 'bad.ts', text: text.replace('value.index', 'value.indx') },
    })
    expect(bad.graph).toBeNull()
    expect(bad.diagnostics).toEqual([
      expect.objectContaining({ severity: 'error', code: 'LF_PROGRAM_TYPE', file: 'bad.ts', line: 6 }),
    ])
    expect((await client.listJobs({ query: {} })).items).toEqual([])
  })

  test('gets versions as its program changes, and the same again changes nothing', async () => {
    const first = await apply('one', 1, null)
    expect(first).toMatchObject({ versionCreated: true, job: { name: 'one', latestVersion: 1, deployment: null } })
    expect(await apply('one', 1, null)).toMatchObject({ versionCreated: false, job: { latestVersion: 1 } })
    expect(await apply('one', 2, null)).toMatchObject({ versionCreated: true, job: { latestVersion: 2 } })
    const { items } = await client.listVersions({ ...named('one'), query: {} })
    expect(items.map(({ version }) => version)).toEqual([2, 1])
    const version = await client.getVersion({ params: { name: 'one', version: 1 } })
    expect(version).toMatchObject({ program: generatorProgram('one', 1), createdBy: user.email, graph: { job: 'one' } })
    await expect(client.getVersion({ params: { name: 'one', version: 9 } })).rejects.toMatchObject({
      code: 'LF_VERSION_NOT_FOUND',
    })
  })

  test('is refused with all its errors, and under another name than its program states', async () => {
    const text =
      'import { job } from "lightflus"\nconst a: number = "x"\nconst b: string = 1\nexport default job("two", () => {})'
    const answer = await platform.request('PUT', '/api/v1/jobs/two', {
      token: (await platform.signIn(user)).token,
      body: { program: { fileName: 'two.ts', text } },
    })
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ code: 'LF_PROGRAM_INVALID' })
    const errors = answer.body?.errors as { path: string }[]
    expect(errors.map(({ path }) => path)).toEqual(expect.arrayContaining(['two.ts:2:7', 'two.ts:3:7']))
    await expect(
      client.applyJob({ ...named('other'), body: { program: generatorProgram('two') } }),
    ).rejects.toMatchObject({ code: 'LF_JOB_NAME_MISMATCH' })
    await expect(client.getJob(named('two'))).rejects.toMatchObject({ code: 'LF_JOB_NOT_FOUND' })
  })

  test('keeps its newest lines and rows, each once, however often they are sent', async () => {
    await apply('output')
    const spoken = await worker()
    const assignment = await spoken.assignment()
    const line = (sequence: number) => ({
      sequence,
      at: 1_000 + sequence,
      level: 'info' as const,
      operator: 'map-1',
      message: `line ${sequence}\0\ud800`,
    })
    const row = (sequence: number, key: string | null) => ({
      sequence,
      at: sequence,
      sink: 'write',
      key,
      row: { value: sequence, text: '\0\ud800' },
    })
    const report = reportOf(assignment, { logs: [line(1), line(2)], rows: [row(1, 'a'), row(2, null), row(3, 'a')] })
    expect((await spoken.sync(report)).acknowledged).toEqual([
      { deploymentId: assignment.deploymentId, attempt: 1, logs: 2, rows: 3 },
    ])
    await spoken.sync(report)
    await spoken.sync(reportOf(assignment, { logs: [line(2), line(3)], rows: [row(4, 'a')] }))
    const logs = await client.listLogs({ ...named('output'), query: {} })
    expect(logs.items.map(({ message }) => message)).toEqual(['line 3��', 'line 2��', 'line 1��'])
    const rows = await client.listRows({ ...named('output'), query: {} })
    expect(rows.items.map(({ key, row: { value } }) => [key, value])).toEqual([
      ['a', 4],
      [null, 2],
    ])
    await spoken.sync(reportOf(assignment, { rows: [{ ...row(5, 'a'), row: null }] }))
    const left = async () => (await client.listRows({ ...named('output'), query: {} })).items.map(({ key }) => key)
    expect(await left()).toEqual([null])
    await spoken.sync(reportOf(assignment, { rows: [row(6, 'a')] }))
    expect(await left()).toEqual(['a', null])
    const page = await client.listLogs({ ...named('output'), query: { limit: 2 } })
    const rest = await client.listLogs({ ...named('output'), query: { limit: 2, cursor: page.nextCursor ?? '' } })
    expect([...page.items, ...rest.items]).toEqual(logs.items)
    expect(rest.nextCursor).toBeNull()
  })

  test('keeps as many lines, rows and checkpoints as it may, the newest', async () => {
    await apply('bounded')
    const spoken = await worker()
    const assignment = await spoken.assignment()
    const numbers = (from: number) => Array.from({ length: 8 }, (_, index) => from + index)
    for (const from of [1, 9])
      await spoken.sync(
        reportOf(assignment, {
          logs: numbers(from).map((sequence) => ({
            sequence,
            at: 1,
            level: 'info',
            operator: null,
            message: `${sequence}`,
          })),
          rows: numbers(from).map((sequence) => ({ sequence, at: 1, sink: 'write', key: null, row: { sequence } })),
          checkpoints: numbers(from).map((checkpoint) => checkpointOf(checkpoint)),
        }),
      )
    const { items: lines } = await client.listLogs({ ...named('bounded'), query: {} })
    expect(lines.map(({ sequence }) => sequence)).toEqual([16, 15, 14, 13, 12, 11, 10, 9, 8, 7])
    const { items: rows } = await client.listRows({ ...named('bounded'), query: {} })
    expect(rows.map(({ sequence }) => sequence)).toEqual([16, 15, 14, 13])
    const gone = numbers(17).map((sequence) => ({ sequence, at: 1, sink: 'write', key: `${sequence}`, row: null }))
    await spoken.sync(reportOf(assignment, { rows: gone }))
    expect((await client.listRows({ ...named('bounded'), query: {} })).items).toEqual(rows)
    const kept = await platform.controlPlane.database.tenant(user.tenantId, ({ client: tables }) =>
      tables.deploymentCheckpoint.findMany({ orderBy: { checkpoint: 'asc' }, select: { checkpoint: true } }),
    )
    expect(kept.map(({ checkpoint }) => Number(checkpoint))).toEqual([14, 15, 16])
  })

  test('is metered by the hour, whichever reports are lost or repeated', async () => {
    await apply('metered')
    const spoken = await worker()
    const assignment = await spoken.assignment()
    const used = (recordsIn: number, attempt = 1) =>
      reportOf(assignment, {
        attempt,
        usage: { slotSeconds: recordsIn / 10, recordsIn, recordsOut: 1, bytesIn: 0, bytesOut: 0 },
      })
    for (const recordsIn of [10, 30, 20, 30]) await spoken.sync(used(recordsIn))
    await spoken.sync(used(5, 2), used(40, 1))
    await client.cancelJob(named('metered'))
    await spoken.sync(used(6, 2))
    expect((await client.getUsage({ query: { job: 'metered' } })).total).toEqual({
      slotSeconds: 4.6,
      recordsIn: 46,
      recordsOut: 2,
      bytesIn: 0,
      bytesOut: 0,
    })
    await spoken.sync(reportOf({ ...assignment, generation: 2 }, { attempt: 2, state: 'CANCELLED' }))
    await client.deleteJob(named('metered'))
    expect((await client.getUsage({ query: {} })).hours).toEqual([
      expect.objectContaining({ job: 'metered', recordsIn: 46 }),
    ])
  })

  test('is deleted only when it is over, with all that belongs to it', async () => {
    await apply('gone')
    await expect(client.deleteJob(named('gone'))).rejects.toMatchObject({ code: 'LF_JOB_NOT_ENDED' })
    const spoken = await worker()
    const assignment = await spoken.assignment()
    await spoken.sync(
      reportOf(assignment, {
        state: 'FINISHED',
        logs: [{ sequence: 1, at: 1, level: 'info', operator: null, message: 'm' }],
      }),
    )
    await client.deleteJob(named('gone'))
    await expect(client.getJob(named('gone'))).rejects.toMatchObject({ code: 'LF_JOB_NOT_FOUND' })
    // Its worker may still speak of it.
    expect((await spoken.sync(reportOf(assignment, { state: 'FINISHED' }))).assignments).toEqual([])
    expect(await apply('gone', 1, null)).toMatchObject({ job: { latestVersion: 1 } })
  })

  test('must not take the tenant beyond its quotas', async () => {
    const { database } = platform.controlPlane
    await database.tenant(user.tenantId, ({ client: rows }) =>
      rows.tenant.update({ where: { id: user.tenantId }, data: { jobsMax: 2, slotsMax: 4 } }),
    )
    await apply('a', 1, { parallelism: 3 })
    await expect(apply('b', 1, { parallelism: 2 })).rejects.toMatchObject({
      code: 'LF_QUOTA_EXCEEDED',
      message: expect.stringContaining('may use 4 slots; 3 are in use'),
    })
    await apply('b', 1, { parallelism: 1 })
    await expect(apply('c', 1, null)).rejects.toMatchObject({
      code: 'LF_QUOTA_EXCEEDED',
      message: expect.stringContaining('may have 2 jobs'),
    })
    // A deployment gives its slots to the one that takes its place.
    expect(await apply('a', 2, { parallelism: 3 })).toMatchObject({ versionCreated: true })
  })

  test('needs its connections to be there, and of its connectors’ kinds', async () => {
    const body = { program: kafkaProgram('reads', 'shop'), deployment: {} }
    await expect(client.applyJob({ ...named('reads'), body })).rejects.toMatchObject({
      code: 'LF_CONNECTION_MISSING',
      message: expect.stringContaining("uses connection 'shop', which does not exist; there are none"),
    })
    await client.putConnection({ ...named('shop'), body: { kind: 'redis', options: { host: 'cache' } } })
    await expect(client.applyJob({ ...named('reads'), body })).rejects.toMatchObject({ code: 'LF_CONNECTION_KIND' })
    const sasl = { mechanism: 'plain', username: 'u', password: 'hunter2' } as const
    await client.putConnection({ ...named('shop'), body: { kind: 'kafka', options: { brokers: ['k:9092'], sasl } } })
    await client.applyJob({ ...named('reads'), body })
    const assignment = await (await worker()).assignment()
    expect(assignment.connections).toEqual([{ name: 'shop', kind: 'kafka', options: { brokers: ['k:9092'], sasl } }])
    await expect(client.deleteConnection(named('shop'))).rejects.toMatchObject({ code: 'LF_CONNECTION_IN_USE' })
    await client.cancelJob(named('reads'))
  })

  test('is listed by name, page by page', async () => {
    for (const name of ['c', 'a', 'b']) await apply(name, 1, null)
    const seen: Job[] = []
    let cursor: string | undefined
    do {
      const page = await client.listJobs({ query: { limit: 2, ...(cursor ? { cursor } : {}) } })
      seen.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(seen.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    await expect(client.listJobs({ query: { cursor: 'nonsense' } })).rejects.toMatchObject({
      code: 'LF_CURSOR_INVALID',
    })
  })

  test('is made once by requests that come at the same time', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => apply('race')))
    expect(answers.filter(({ versionCreated }) => versionCreated)).toHaveLength(1)
    expect(new Set(answers.map(({ job }) => job.deployment?.id)).size).toBe(1)
  })
})
