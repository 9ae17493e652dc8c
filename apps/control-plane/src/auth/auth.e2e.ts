import type { Session } from '@lightflus/contracts'
import { needs } from '@lightflus/testing/services'
import { changePassword } from '../tenants/change-password.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'
import { accessTokenMsMax } from './access-tokens.ts'
import { reuseLeewayMs, sessionMsMax } from './sessions.ts'

needs('postgres')('signing in', () => {
  let platform: TestPlatform
  let user: TestUser
  const anonymous = () => platform.clientWith(undefined)
  const signIn = async (): Promise<Session> => {
    const { email, password, tenant } = user
    return anonymous().signIn({ body: { email, password, tenant } })
  }
  const refresh = (refreshToken: string | null) =>
    anonymous().refreshSession({ body: { refreshToken: refreshToken ?? '' } })

  beforeAll(async () => {
    platform = await TestPlatform.start()
    user = await platform.tenant()
  })
  afterAll(() => platform.close())

  test('gives a session that says who one is', async () => {
    const session = await signIn()
    expect(session).toMatchObject({ tenant: { name: user.tenant, role: 'owner' }, user: { email: user.email } })
    const me = await platform.clientWith(session.accessToken).whoAmI({})
    expect(me).toEqual({
      kind: 'user',
      email: user.email,
      role: 'owner',
      tenant: { id: user.tenantId, name: user.tenant },
    })
  })

  test('is refused alike for a wrong password and an unknown e-mail', async () => {
    const answers = await Promise.all(
      [user.email, 'nobody@nowhere.example'].map((email) =>
        platform.request('POST', '/api/v1/auth/sign-in', { body: { email, password: 'wrong' } }),
      ),
    )
    for (const { status, body } of answers) {
      expect(status).toBe(401)
      expect(body).toMatchObject({ code: 'LF_CREDENTIALS_WRONG', detail: 'E-mail or password is wrong.' })
    }
  })

  test('asks for the tenant where the user has several', async () => {
    const other = await platform.tenant()
    await platform.member({ ...other, email: user.email }, 'viewer')
    const shared = `viewer@${other.tenant}.example`
    const third = await platform.tenant()
    const { addMember } = await import('../tenants/create-tenant.ts')
    await addMember(platform.controlPlane.database, {
      tenantId: third.tenantId,
      email: shared,
      password: '',
      role: 'viewer',
    })
    const body = { email: shared, password: other.password }
    await expect(anonymous().signIn({ body })).rejects.toMatchObject({ code: 'LF_TENANT_AMBIGUOUS' })
    await expect(anonymous().signIn({ body: { ...body, tenant: third.tenant } })).resolves.toMatchObject({
      tenant: { name: third.tenant },
    })
    await expect(anonymous().signIn({ body: { ...body, tenant: user.tenant } })).rejects.toMatchObject({
      code: 'LF_CREDENTIALS_WRONG',
    })
  })

  test('lasts as long as the access token, whose end has a code of its own', async () => {
    const { accessToken, refreshToken } = await signIn()
    platform.clock.jump(-accessTokenMsMax - 60_000)
    const expired = await signIn()
    platform.clock.jump(accessTokenMsMax + 60_000)
    const answer = await platform.request('GET', '/api/v1/auth/me', { token: expired.accessToken })
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ code: 'LF_TOKEN_EXPIRED', nextStep: expect.stringContaining('Refresh') })
    await expect(platform.clientWith(accessToken).whoAmI({})).resolves.toBeDefined()
    await expect(refresh(refreshToken)).resolves.toBeDefined()
  })

  test.each(['nonsense', 'a.b.c', 'lfk_nonsense', 'lfw_nonsense', ''])(
    'is refused with the token %j',
    async (token) => {
      const answer = await platform.request('GET', '/api/v1/auth/me', { token })
      expect([answer.status, answer.body?.code]).toEqual([401, 'LF_UNAUTHENTICATED'])
    },
  )

  test('takes no token that was signed by another key, or by none', async () => {
    const { accessToken } = await signIn()
    const [, payload] = accessToken.split('.')
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
    for (const token of [`${header}.${payload}.`, `${accessToken.slice(0, -4)}AAAA`])
      expect((await platform.request('GET', '/api/v1/auth/me', { token })).status).toBe(401)
  })

  describe('a refresh token', () => {
    test('brings a new session each time', async () => {
      const first = await signIn()
      const second = await refresh(first.refreshToken)
      const third = await refresh(second.refreshToken)
      expect(new Set([first, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3)
      await expect(platform.clientWith(third.accessToken).whoAmI({})).resolves.toMatchObject({ email: user.email })
    })

    test('may be sent twice within moments, as two tabs do', async () => {
      const { refreshToken } = await signIn()
      const sessions = await Promise.all([refresh(refreshToken), refresh(refreshToken)])
      for (const session of sessions) await expect(refresh(session.refreshToken)).resolves.toBeDefined()
    })

    test('that is used again later ends the session, for whoever holds it', async () => {
      const stolen = await signIn()
      const next = await refresh(stolen.refreshToken)
      platform.clock.jump(reuseLeewayMs + 1)
      await expect(refresh(stolen.refreshToken)).rejects.toMatchObject({ code: 'LF_SESSION_REUSED' })
      await expect(refresh(next.refreshToken)).rejects.toMatchObject({ code: 'LF_SESSION_ENDED' })
    })

    test('is worth nothing after the sign-out, and the sign-out may be repeated', async () => {
      const { refreshToken } = await signIn()
      for (let times = 0; times < 2; times++) await anonymous().signOut({ body: { refreshToken: refreshToken ?? '' } })
      await expect(refresh(refreshToken)).rejects.toMatchObject({ code: 'LF_SESSION_ENDED' })
    })

    test('ends with its session, however often it was renewed', async () => {
      const { refreshToken } = await signIn()
      platform.clock.jump(sessionMsMax - 1_000)
      const { refreshToken: next } = await refresh(refreshToken)
      platform.clock.jump(2_000)
      await expect(refresh(next)).rejects.toMatchObject({ code: 'LF_SESSION_ENDED' })
    })

    test('is worth nothing after another password was set', async () => {
      const owner = await platform.tenant()
      const { email, tenant } = owner
      const session = await anonymous().signIn({ body: owner })
      await changePassword(platform.controlPlane.database, email, 'a new one')
      await expect(refresh(session.refreshToken)).rejects.toMatchObject({ code: 'LF_SESSION_ENDED' })
      await expect(anonymous().signIn({ body: owner })).rejects.toMatchObject({ code: 'LF_CREDENTIALS_WRONG' })
      await expect(anonymous().signIn({ body: { email, tenant, password: 'a new one' } })).resolves.toBeDefined()
    })

    test('of a browser is a cookie that no script can read', async () => {
      const headers = { origin: platform.url }
      const answer = await platform.request('POST', '/api/v1/auth/sign-in', { body: user, headers })
      expect(answer.body).toMatchObject({ refreshToken: null, accessToken: expect.any(String) })
      const cookie = answer.headers.get('set-cookie') ?? ''
      expect(cookie).toMatch(
        /^lightflus_refresh=lfr_[\w-]{43}; Max-Age=\d+; Path=\/api\/v1\/auth; .*HttpOnly; SameSite=Strict$/,
      )
      const sent = { ...headers, cookie: cookie.split(';')[0] }
      const refreshed = await platform.request('POST', '/api/v1/auth/refresh', { body: {}, headers: sent })
      expect(refreshed.body).toMatchObject({ refreshToken: null, accessToken: expect.any(String) })
      expect(refreshed.headers.get('set-cookie')).not.toBe(cookie)
      const signedOut = await platform.request('POST', '/api/v1/auth/sign-out', { body: {}, headers: sent })
      expect(signedOut.status).toBe(204)
      expect(signedOut.headers.get('set-cookie')).toMatch(/lightflus_refresh=;/)
    })
  })
})

needs('postgres')('an API key', () => {
  let platform: TestPlatform
  let owner: TestUser
  beforeAll(async () => {
    platform = await TestPlatform.start()
    owner = await platform.tenant()
  })
  afterAll(() => platform.close())

  test('is shown once, speaks with its role, and is listed by its beginning', async () => {
    const { client } = await platform.signIn(owner)
    const created = await client.createApiKey({ body: { name: 'ci' } })
    expect(created).toMatchObject({ name: 'ci', role: 'developer', lastUsedAt: null })
    const byKey = platform.clientWith(created.key)
    await expect(byKey.whoAmI({})).resolves.toMatchObject({ kind: 'api-key', email: null, role: 'developer' })
    const { items } = await client.listApiKeys({ query: {} })
    expect(JSON.stringify(items)).not.toContain(created.key)
    expect(items).toEqual([
      expect.objectContaining({ id: created.id, prefix: created.key.slice(0, 10), lastUsedAt: expect.any(String) }),
    ])
    await client.deleteApiKey({ params: { id: created.id } })
    await expect(byKey.whoAmI({})).rejects.toMatchObject({ code: 'LF_UNAUTHENTICATED' })
    await expect(client.deleteApiKey({ params: { id: created.id } })).rejects.toMatchObject({
      code: 'LF_API_KEY_NOT_FOUND',
    })
  })

  test('expires', async () => {
    const { client } = await platform.signIn(owner)
    const { key } = await client.createApiKey({ body: { name: 'short', expiresInDays: 1 } })
    platform.clock.jump(24 * 3_600_000 + 1)
    await expect(platform.clientWith(key).whoAmI({})).rejects.toMatchObject({ code: 'LF_TOKEN_EXPIRED' })
  })

  test('cannot be given a higher role than its maker has', async () => {
    const { client } = await platform.signIn(await platform.member(owner, 'admin'))
    const { key } = await client.createApiKey({ body: { name: 'admin', role: 'admin' } })
    await expect(
      platform.clientWith(key).createApiKey({ body: { name: 'more', role: 'admin' } }),
    ).resolves.toBeDefined()
    const body = { name: 'owner', role: 'owner' } as unknown as { name: string }
    await expect(client.createApiKey({ body })).rejects.toMatchObject({ code: 'LF_REQUEST_INVALID' })
  })
})

needs('postgres')('throttling', () => {
  let platform: TestPlatform
  beforeAll(async () => {
    const limit = { requestsMax: 3, windowMs: 60_000 }
    platform = await TestPlatform.start({
      limits: { signInsPerEmail: limit, signInsPerAddress: { ...limit, requestsMax: 8 } },
    })
  })
  afterAll(() => platform.close())

  test('stops guessing of one password, then of many, and says when to come back', async () => {
    const guess = (email: string) =>
      platform.request('POST', '/api/v1/auth/sign-in', { body: { email, password: 'guess' } })
    const codes: unknown[] = []
    for (let times = 0; times < 4; times++) codes.push((await guess('a@b.example')).body?.code)
    expect(codes).toEqual([...Array(3).fill('LF_CREDENTIALS_WRONG'), 'LF_RATE_LIMITED'])
    for (let times = 0; times < 4; times++) await guess(`${times}@b.example`)
    const refused = await guess('z@b.example')
    expect([refused.status, refused.body?.code]).toEqual([429, 'LF_RATE_LIMITED'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    platform.clock.jump(120_000)
    expect((await guess('a@b.example')).body?.code).toBe('LF_CREDENTIALS_WRONG')
  })

  test('holds a tenant to its own quota', async () => {
    platform.clock.jump(120_000)
    const owner = await platform.tenant()
    const { token } = await platform.signIn(owner)
    const { database } = platform.controlPlane
    await database.tenant(owner.tenantId, ({ client }) =>
      client.tenant.update({ where: { id: owner.tenantId }, data: { requestsPerMinuteMax: 5 } }),
    )
    const statuses: number[] = []
    for (let times = 0; times < 7; times++)
      statuses.push((await platform.request('GET', '/api/v1/jobs', { token })).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
  })
})
