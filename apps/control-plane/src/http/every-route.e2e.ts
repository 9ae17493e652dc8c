import { closeCompiler } from '@lightflus/compiler'
import { problemSchema, roleAllows, roles, type Role, type Route, type RouteName, routes } from '@lightflus/contracts'
import { needs, uniqueName } from '@lightflus/testing/services'
import { generatorProgram } from '../testing/programs.ts'
import { type Named, routeCalls } from '../testing/route-calls.ts'
import { reportOf, SpokenWorker } from '../testing/spoken-worker.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'

const everyRoute = Object.keys(routes) as RouteName[]
const guarded = everyRoute.filter((name) => routes[name].access !== 'public')

afterAll(() => closeCompiler())

needs('postgres')('every route', () => {
  let platform: TestPlatform
  let owner: TestUser
  let token: string
  let named: Named
  const secret = 'hunter2-and-more'

  const call = (name: RouteName, about: Named, bearer: string | undefined) => {
    const route: Route = routes[name]
    const input: { params?: object; query?: object; body?: unknown } = routeCalls(about)[name]
    const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) =>
      String((input.params as Record<string, unknown>)[key]),
    )
    const query = new URLSearchParams(input.query as Record<string, string> | undefined).toString()
    const body = 'body' in input ? { body: input.body } : {}
    return platform.request(route.method, query ? `${path}?${query}` : path, {
      ...(bearer === undefined ? {} : { token: bearer }),
      ...body,
    })
  }

  /** A tenant with one of everything. */
  const furnish = async (user: TestUser): Promise<Named> => {
    const { client } = await platform.signIn(user)
    const job = uniqueName('job', '-')
    const connection = uniqueName('connection', '-')
    await client.applyJob({ params: { name: job }, body: { program: generatorProgram(job), deployment: {} } })
    const redis = { kind: 'redis', options: { host: '127.0.0.1', port: 1, password: secret } } as const
    await client.putConnection({ params: { name: connection }, body: redis })
    const { id } = await client.createApiKey({ body: { name: 'key' } })
    const worker = await SpokenWorker.of(platform, user.tenantId)
    const assignment = await worker.assignment()
    await worker.sync(
      reportOf(assignment, {
        usage: { slotSeconds: 1, recordsIn: 1, recordsOut: 1, bytesIn: 1, bytesOut: 1 },
        logs: [{ sequence: 1, at: 1, level: 'info', operator: null, message: 'of the owner alone' }],
        rows: [{ sequence: 1, at: 1, sink: 'write', key: null, row: { of: 'the owner alone' } }],
      }),
    )
    return { job, connection, apiKey: id }
  }

  beforeAll(async () => {
    platform = await TestPlatform.start()
    owner = await platform.tenant()
    token = (await platform.signIn(owner)).token
    named = await furnish(owner)
  })
  afterAll(() => platform.close())

  test.each(everyRoute)('%s answers by its schema', async (name) => {
    const user = await platform.tenant()
    const mine = await furnish(user)
    const { token: own } = await platform.signIn(user)
    const { status, body, text } = await call(name, mine, own)
    if (status >= 400) {
      // The calls are sensible, so these are the only refusals that their occasion explains.
      const expected: Partial<Record<RouteName, string>> = {
        signIn: 'LF_CREDENTIALS_WRONG',
        refreshSession: 'LF_SESSION_ENDED',
        deleteJob: 'LF_JOB_NOT_ENDED',
      }
      expect(problemSchema.parse(body)).toMatchObject({ code: expected[name] })
      return
    }
    if (routes[name].response.def.type === 'undefined') expect([status, text]).toEqual([204, ''])
    else expect(routes[name].response.parse(body)).toEqual(body)
    expect(text).not.toContain(secret)
  })

  test.each(guarded)('%s is refused without credentials', async (name) => {
    const { status, body } = await call(name, named, undefined)
    expect([status, body?.code]).toEqual([401, 'LF_UNAUTHENTICATED'])
  })

  test.each(guarded)('%s is refused to a worker’s token', async (name) => {
    const [{ token: workers }] = platform.workers.specs
    expect((await call(name, named, workers)).status).toBe(401)
  })

  test.each(guarded)('%s answers another tenant just as if there were nothing', async (name) => {
    const other = await platform.tenant()
    const { token: others } = await platform.signIn(other)
    const missing = {
      job: uniqueName('job', '-'),
      connection: uniqueName('connection', '-'),
      apiKey: crypto.randomUUID(),
    }
    const ofOwner = await call(name, named, others)
    const ofNothing = await call(name, missing, others)
    // Alike but for the names that were asked for, and what is of this very request.
    const alike = ({ status, text }: typeof ofOwner, about: Named) => {
      const names = Object.values(about).reduce((result: string, each: string) => result.replaceAll(each, 'NAME'), text)
      return [
        status,
        names.replace(
          /"(requestId|id|key|prefix|createdAt|expiresAt|updatedAt|bundleSha256|graphHash)":"[^"]*"/g,
          '"$1":""',
        ),
      ]
    }
    expect(alike(ofOwner, named)).toEqual(alike(ofNothing, missing))
    expect(ofOwner.text).not.toContain('of the owner alone')
  })

  test('leaves the owner’s things as they were after all of that', async () => {
    const { client } = await platform.signIn(owner)
    expect(await client.getJob({ params: { name: named.job } })).toMatchObject({
      latestVersion: 1,
      deployment: { status: { state: 'RUNNING' } },
    })
    expect(await client.getConnection({ params: { name: named.connection } })).toMatchObject({
      options: { host: '127.0.0.1' },
    })
    expect((await client.listApiKeys({ query: {} })).items).toHaveLength(1)
  })

  describe.each(roles)('to the role %s', (role: Role) => {
    let bearer: string
    beforeAll(async () => {
      bearer = (await platform.signIn(await platform.member(owner, role))).token
    })

    test.each(guarded)('%s is open or closed as the table says', async (name) => {
      // Names of nothing: an open route answers that there is no such thing, or that there are none.
      const nothing = { job: 'nothing', connection: 'nothing', apiKey: crypto.randomUUID() }
      const { status, body } = await call(name, nothing, bearer)
      const access = routes[name].access as Role
      if (roleAllows(role, access)) expect(status).not.toBe(403)
      else
        expect([status, body?.code, body?.detail]).toEqual([
          403,
          'LF_FORBIDDEN',
          `${name} needs the role ${access}; yours is ${role}.`,
        ])
    })
  })

  test('is one that the application has, and there are no others', async () => {
    interface Layer {
      readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> }
    }
    const { router } = platform.controlPlane.app.getHttpAdapter().getInstance() as {
      router: { stack: readonly Layer[] }
    }
    const registered = router.stack.flatMap(({ route }) =>
      // Middleware is mounted on everything.
      route && route.path !== '{/*splat}'
        ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`)
        : [],
    )
    const ofTable = everyRoute.map((name) => `${routes[name].method} ${routes[name].path.replace(/\{(\w+)\}/g, ':$1')}`)
    const beside = [
      'GET /api/v1/jobs/:name/live',
      'POST /api/v1/jobs/:name/ingest/:endpoint',
      'POST /worker/v1/sync',
      'GET /worker/v1/deployments/:id/bundle',
      'GET /healthz',
      'GET /readyz',
      'GET /metrics',
      'GET /api/v1/metrics',
    ]
    expect(registered.toSorted()).toEqual([...ofTable, ...beside].toSorted())
  })

  test('stands in the OpenAPI description, which has its pages', async () => {
    const { body } = await platform.request('GET', '/api/openapi.json')
    const paths = body?.paths as Record<string, Record<string, { operationId: string }>>
    const described = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    expect(described.toSorted()).toEqual([...everyRoute, 'liveJob', 'ingestRecords'].toSorted())
    expect(JSON.stringify(body)).not.toContain('"$defs"')
    const docs = await platform.request('GET', '/api/docs/')
    expect([docs.status, docs.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js'])
      expect((await platform.request('GET', `/api/docs/${file}`)).status).toBe(200)
  })

  test.each(guarded.filter((name) => routes[name].method !== 'GET'))('%s leaves an audit entry', async (name) => {
    const { database } = platform.controlPlane
    const user = await platform.tenant()
    const { token: own } = await platform.signIn(user)
    const { status, body } = await call(name, { ...named, apiKey: crypto.randomUUID() }, own)
    const entries = await database.tenant(user.tenantId, ({ client }) =>
      client.auditEntry.findMany({ where: { action: name } }),
    )
    expect(entries).toEqual([
      expect.objectContaining({ actor: user.email, status, code: status < 400 ? null : body?.code }),
    ])
  })

  test('answers a repeated request by its Idempotency-Key, and refuses the key for another', async () => {
    const user = await platform.tenant()
    const { client, token: own } = await platform.signIn(user)
    const make = (name: string, headers: Record<string, string>, bearer = own) =>
      platform.request('POST', '/api/v1/api-keys', { token: bearer, body: { name }, headers })
    const headers = { 'idempotency-key': 'one' }
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => make('once', headers)))
    const repeated = await make('once', headers)
    const made = [first, ...others, repeated].filter(({ status }) => status === 200)
    expect(new Set(made.map(({ text }) => text)).size).toBe(1)
    for (const { status, body } of [first, ...others])
      if (status !== 200) expect([status, body?.code]).toEqual([409, 'LF_IDEMPOTENCY_IN_PROGRESS'])
    expect(repeated.headers.get('idempotency-replayed')).toBe('true')
    expect((await client.listApiKeys({ query: {} })).items).toHaveLength(1)
    expect((await make('twice', headers)).body).toMatchObject({ status: 422, code: 'LF_IDEMPOTENCY_MISMATCH' })
    // A key is the tenant's own, and forgotten after a day.
    expect((await make('once', headers, token)).status).toBe(200)
    platform.clock.jump(24 * 3_600_000 + 1_000)
    const { token: later } = await platform.signIn(user)
    expect((await make('twice', headers, later)).status).toBe(200)
    token = (await platform.signIn(owner)).token
  })

  test('may be tried again with the key of a request that failed', async () => {
    const headers = { 'idempotency-key': 'failed' }
    const deploy = () => platform.request('POST', '/api/v1/jobs/later/deploy', { token, body: {}, headers })
    expect((await deploy()).body).toMatchObject({ code: 'LF_JOB_NOT_FOUND' })
    const { client } = await platform.signIn(owner)
    await client.applyJob({ params: { name: 'later' }, body: { program: generatorProgram('later') } })
    expect((await deploy()).status).toBe(200)
  })

  test.each([
    ['GET', '/api/v1/nothing', undefined, 404, 'LF_ROUTE_UNKNOWN'],
    ['GET', '/api/v1/jobs?limit=1000', undefined, 400, 'LF_REQUEST_INVALID'],
    ['GET', '/api/v1/jobs/Not_A_Name', undefined, 400, 'LF_REQUEST_INVALID'],
    ['POST', '/api/v1/api-keys', { name: '', role: 'king' }, 400, 'LF_REQUEST_INVALID'],
    ['POST', '/api/v1/api-keys', { name: 'nul \0' }, 400, 'LF_REQUEST_INVALID'],
    ['POST', '/api/v1/programs/check', { text: 'x'.repeat(5_000_000) }, 413, 'LF_REQUEST_TOO_LARGE'],
    ['GET', '/api/v1/jobs/x/versions/99999999999', undefined, 400, 'LF_REQUEST_INVALID'],
  ])('%s %s with %j is refused as a problem', async (method, path, body, status, code) => {
    const answer = await platform.request(method, path, { token, ...(body === undefined ? {} : { body }) })
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(problemSchema.parse(answer.body)).toMatchObject({
      status,
      code,
      requestId: answer.headers.get('x-request-id'),
    })
  })

  test('lists everything that is wrong with a request, and refuses what is no JSON', async () => {
    const { body } = await platform.request('POST', '/api/v1/api-keys', { token, body: { name: '', expiresInDays: 0 } })
    expect((body?.errors as { path: string }[]).map(({ path }) => path)).toEqual(['body.name', 'body.expiresInDays'])
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const broken = await fetch(`${platform.url}/api/v1/api-keys`, { method: 'POST', headers, body: '{"name":' })
    expect(await broken.json()).toMatchObject({
      status: 400,
      code: 'LF_REQUEST_INVALID',
      detail: 'The body is not JSON.',
    })
  })

  test('tells nothing of an error of its own but the request’s id', async () => {
    const { database } = platform.controlPlane
    const user = await platform.tenant()
    const { token: own } = await platform.signIn(user)
    await call('applyJob', { ...named, job: 'broken' }, own)
    await database.tenant(user.tenantId, ({ client }) =>
      client.job.updateMany({ data: { latestVersion: 2_147_483_647 } }),
    )
    const headers = { 'x-request-id': 'the-request-of-a-test' }
    const answer = await platform.request('PUT', '/api/v1/jobs/broken', {
      token: own,
      body: { program: generatorProgram('broken', 2) },
      headers,
    })
    expect(answer.body).toEqual({
      type: 'https://lightflus.dev/errors/LF_INTERNAL',
      title: expect.any(String),
      status: 500,
      detail: 'The platform failed while handling this request.',
      code: 'LF_INTERNAL',
      nextStep: expect.any(String),
      requestId: 'the-request-of-a-test',
    })
  })
})
