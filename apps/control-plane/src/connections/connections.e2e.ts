import type { Client } from '@lightflus/contracts'
import { needs, services } from '@lightflus/testing/services'
import { asOwner } from '../testing/fresh-database.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'

const named = { params: { name: 'db' } }
const mysql = {
  kind: 'mysql',
  options: { host: '127.0.0.1', user: 'u', password: 'hunter2', database: 'd', tls: { key: 'PRIVATE', ca: 'CA' } },
} as const

needs('postgres', 'redis')('a connection', () => {
  let platform: TestPlatform
  let user: TestUser
  let client: Client
  beforeAll(async () => {
    platform = await TestPlatform.start()
  })
  beforeEach(async () => {
    user = await platform.tenant()
    client = (await platform.signIn(user)).client
  })
  afterAll(() => platform.close())

  test('never shows its secrets, and does not store them as they are', async () => {
    const shown = { host: '127.0.0.1', port: 3306, user: 'u', database: 'd', tls: { ca: 'CA' } }
    expect(await client.putConnection({ ...named, body: mysql })).toMatchObject({
      name: 'db',
      kind: 'mysql',
      options: shown,
    })
    expect((await client.getConnection(named)).options).toEqual(shown)
    expect((await client.listConnections({ query: {} })).items.map(({ options }) => options)).toEqual([shown])
    const rows = await asOwner<{ row: string }>(
      platform.databaseUrl,
      'SELECT connection::text AS row FROM connection WHERE tenant_id = $1',
      [user.tenantId],
    )
    expect(rows).toHaveLength(1)
    const sealed = JSON.stringify(rows)
    for (const secret of ['hunter2', 'PRIVATE', Buffer.from('hunter2').toString('hex')])
      expect(sealed).not.toContain(secret)
  })

  test('is replaced whole, and the same again is the same', async () => {
    await client.putConnection({ ...named, body: mysql })
    const redis = { kind: 'redis', options: { host: 'cache.example' } } as const
    const changed = await client.putConnection({ ...named, body: redis })
    expect(changed).toMatchObject({ kind: 'redis', options: { host: 'cache.example', port: 6379, database: 0 } })
    expect((await client.putConnection({ ...named, body: redis })).createdAt).toBe(changed.createdAt)
    await client.deleteConnection(named)
    await expect(client.getConnection(named)).rejects.toMatchObject({ code: 'LF_CONNECTION_NOT_FOUND' })
    await expect(client.deleteConnection(named)).rejects.toMatchObject({ code: 'LF_CONNECTION_NOT_FOUND' })
  })

  test('with a field that its kind does not have is refused', async () => {
    const body = { kind: 'redis', options: { host: 'x', pasword: 'y' } } as never
    await expect(client.putConnection({ ...named, body })).rejects.toMatchObject({ code: 'LF_REQUEST_INVALID' })
  })

  test('is tried out: what answers, or what is wrong and what to do', async () => {
    const { hostname: host, port } = new URL(services().redisUrl)
    await client.putConnection({ ...named, body: { kind: 'redis', options: { host, port: Number(port) } } })
    expect(await client.testConnection(named)).toMatchObject({
      ok: true,
      summary: expect.stringContaining('Redis'),
      code: null,
    })
    await client.putConnection({ ...named, body: { kind: 'redis', options: { host, port: 1, password: 'hunter2' } } })
    const refused = await client.testConnection(named)
    expect(refused).toMatchObject({ ok: false, code: 'LF_CONNECTION_REFUSED', nextStep: expect.any(String) })
    expect(JSON.stringify(refused)).not.toContain('hunter2')
  })
})

needs('postgres')('a connection on a hosted platform', () => {
  let platform: TestPlatform
  let client: Client
  beforeAll(async () => {
    platform = await TestPlatform.start({ environment: { LIGHTFLUS_MODE: 'hosted' } })
    client = (await platform.signIn(await platform.tenant())).client
  })
  afterAll(() => platform.close())

  test('must not point into the platform’s own network', async () => {
    for (const host of ['127.0.0.1', '10.1.2.3', '169.254.169.254', 'localhost', '::1'])
      await expect(
        client.putConnection({ ...named, body: { kind: 'redis', options: { host } } }),
      ).rejects.toMatchObject({ code: 'LF_CONNECTION_ADDRESS' })
    const brokers = ['8.8.8.8:9092', '192.168.0.1:9092']
    await expect(
      client.putConnection({ ...named, body: { kind: 'kafka', options: { brokers } } }),
    ).rejects.toMatchObject({ code: 'LF_CONNECTION_ADDRESS' })
  })

  test('is looked at again before it is tried out', async () => {
    await client.putConnection({ ...named, body: { kind: 'redis', options: { host: '8.8.8.8' } } })
    await asOwner(platform.databaseUrl, `UPDATE connection SET options = '{"host":"127.0.0.1"}'`)
    expect(await client.testConnection(named)).toMatchObject({ ok: false, code: 'LF_CONNECTION_ADDRESS' })
  })
})
