import { randomBytes } from 'node:crypto'
import { closeCompiler } from '@lightflus/compiler'
import { needs, services, temporaryFolder, uniqueName, until } from '@lightflus/testing/services'
import { readConfig } from '../config/config.ts'
import { BullmqQueue } from '../queue/bullmq-queue.ts'
import { startControlPlane } from '../start.ts'
import { createTenant } from '../tenants/create-tenant.ts'
import { BreakableProxy } from '../testing/breakable-proxy.ts'
import { freshDatabase, type FreshDatabase } from '../testing/fresh-database.ts'
import { ListedWorkers } from '../testing/listed-workers.ts'
import { generatorProgram } from '../testing/programs.ts'

afterAll(() => closeCompiler())

/** A control plane whose Postgres and Redis can be taken away. */
async function startBreakable(database: FreshDatabase, folder: string) {
  const through = async (url: string) => {
    const { hostname: host, port } = new URL(url)
    const proxy = new BreakableProxy({ host, port: Number(port) })
    await proxy.open()
    return { proxy, url: Object.assign(new URL(url), { host: `127.0.0.1:${proxy.port}` }).href }
  }
  const postgres = await through(database.url)
  const redis = await through(services().redisUrl)
  const config = readConfig({
    DATABASE_URL: postgres.url,
    PORT: '0',
    LIGHTFLUS_MODE: 'embedded',
    LIGHTFLUS_DATA_DIR: folder,
    LIGHTFLUS_LOG_LEVEL: process.env.LIGHTFLUS_LOG_LEVEL ?? 'silent',
    LIGHTFLUS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  })
  const workers = new ListedWorkers()
  const start = () => {
    const queue = new BullmqQueue({ url: redis.url, prefix: uniqueName('lightflus'), onError: () => {} })
    return startControlPlane(config, { provisioner: workers, queue })
  }
  return { postgres: postgres.proxy, redis: redis.proxy, workers, start }
}

needs('postgres', 'redis')('a control plane', () => {
  const folder = temporaryFolder('outages')
  let database: FreshDatabase
  beforeEach(async () => {
    database = await freshDatabase()
  })
  afterEach(() => database.drop())
  afterAll(() => folder.remove())

  const call = async (url: string, path: string, token?: string, body?: object, method = body ? 'POST' : 'GET') => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const owner = { email: 'ada@acme.example', password: 'correct horse' }
  const signIn = async (url: string) =>
    String((await call(url, '/api/v1/auth/sign-in', undefined, owner)).body.accessToken)

  test('says that Postgres is away, lives on, and works again when it is back', async () => {
    const { postgres, redis, start } = await startBreakable(database, folder.path)
    const { url, close, database: used } = await start()
    await createTenant(used, { name: 'acme', owner })
    const token = await signIn(url)
    expect((await call(url, '/api/v1/jobs', token)).status).toBe(200)
    await postgres.break()
    for (const path of ['/api/v1/jobs', '/readyz'])
      expect((await call(url, path, token)).body).toMatchObject({ status: 503, code: 'LF_DATABASE_UNREACHABLE' })
    expect((await call(url, '/api/v1/auth/sign-in', undefined, owner)).body).toMatchObject({
      code: 'LF_DATABASE_UNREACHABLE',
    })
    expect((await call(url, '/healthz')).status).toBe(200)
    await postgres.open()
    await until(async () => (await call(url, '/api/v1/jobs', token)).status === 200, { what: 'the API to work again' })
    expect((await call(url, '/readyz')).body).toEqual({ status: 'ok', queue: 'ok' })
    await close()
    await postgres.break()
    await redis.break()
  })

  test('places deployments without Redis, also when it starts without it', async () => {
    const { postgres, redis, workers, start } = await startBreakable(database, folder.path)
    await redis.break()
    const { url, close, database: used } = await start()
    await createTenant(used, { name: 'acme', owner })
    const token = await signIn(url)
    expect((await call(url, '/readyz')).body).toEqual({ status: 'ok', queue: 'unreachable' })
    const job = { program: generatorProgram('steady'), deployment: {} }
    expect((await call(url, '/api/v1/jobs/steady', token, job, 'PUT')).status).toBe(200)
    await until(() => workers.specs.length === 1, { what: 'a worker to be placed' })
    await redis.open()
    await until(async () => (await call(url, '/readyz')).body.queue === 'ok', { what: 'the queue to answer' })
    await close()
    await postgres.break()
    await redis.break()
  })
})
