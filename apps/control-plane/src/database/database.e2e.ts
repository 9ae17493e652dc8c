import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { needs } from '@lightflus/testing/services'
import pg from 'pg'
import { createTenant } from '../tenants/create-tenant.ts'
import { asOwner, freshDatabase, type FreshDatabase } from '../testing/fresh-database.ts'
import { Database } from './database.ts'
import { migrate, migrationStatus, readMigrations } from './migrate.ts'

const run = promisify(execFile)
const prismaFolder = fileURLToPath(new URL('../../../../prisma', import.meta.url))
const root = fileURLToPath(new URL('../../../..', import.meta.url))

const prisma = (url: string, ...args: string[]) =>
  run(process.execPath, [`${root}/node_modules/prisma/build/index.js`, ...args], {
    cwd: prismaFolder,
    env: {
      ...process.env,
      DATABASE_URL: url,
      PRISMA_SCHEMA_ENGINE_BINARY: './schema-engine.ts',
      CHECKPOINT_DISABLE: '1',
    },
  })

needs('postgres')('migrating', () => {
  let database: FreshDatabase
  beforeEach(async () => {
    database = await freshDatabase({ migrated: false })
  })
  afterEach(() => database.drop())

  test('brings an empty database to this release, once, however many do it at the same time', async () => {
    const names = (await readMigrations()).map(({ name }) => name)
    expect(await migrationStatus(database.url)).toEqual({ pending: names, applied: [] })
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url)))
    expect(applied.flat().toSorted()).toEqual(names)
    expect(await migrationStatus(database.url)).toEqual({ pending: [], applied: names })
    expect(await migrate(database.url)).toEqual([])
  })

  test('leaves what Prisma’s own tool takes as its own work, and schema and migrations agree', async () => {
    await migrate(database.url)
    const { stdout: status } = await prisma(database.url, 'migrate', 'status')
    expect(status).toContain('Database schema is up to date!')
    const { stdout: difference } = await prisma(
      database.url,
      'migrate',
      'diff',
      '--from-config-datasource',
      '--to-schema',
      'schema.prisma',
      '--exit-code',
    )
    expect(difference).toContain('No difference detected.')
  }, 60_000)

  test('keeps nothing of a migration that fails, and tries it again', async () => {
    const good = { name: '1_good', sql: 'CREATE TABLE good (id int)', checksum: 'a' }
    const bad = { name: '2_bad', sql: 'CREATE TABLE half (id int); SELECT nonsense', checksum: 'b' }
    await expect(migrate(database.url, { migrations: [good, bad] })).rejects.toMatchObject({
      code: 'LF_DATABASE_MIGRATION',
      message: expect.stringContaining('2_bad failed: column "nonsense" does not exist'),
    })
    const tables = await asOwner(database.url, `SELECT to_regclass('good') AS good, to_regclass('half') AS half`)
    expect(tables).toEqual([{ good: 'good', half: null }])
    const mended = { ...bad, sql: 'CREATE TABLE half (id int)' }
    expect(await migrate(database.url, { migrations: [good, mended] })).toEqual(['2_bad'])
  })

  test('refuses a database of a newer release, and one whose history was changed', async () => {
    const first = { name: '1', sql: 'SELECT 1', checksum: 'a' }
    await migrate(database.url, { migrations: [first, { ...first, name: '2' }] })
    await expect(migrate(database.url, { migrations: [first] })).rejects.toMatchObject({ code: 'LF_DATABASE_NEWER' })
    await expect(migrationStatus(database.url, { migrations: [{ ...first, checksum: 'z' }] })).rejects.toMatchObject({
      code: 'LF_DATABASE_DIVERGED',
    })
  })

  test('says where it could not connect, without the password', async () => {
    const failure = migrate('postgresql://someone:hunter2@127.0.0.1:1/nowhere')
    await expect(failure).rejects.toMatchObject({
      code: 'LF_DATABASE_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:1/nowhere'),
    })
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') })
  })

  test('works for an owner who is no superuser, and the control plane then for one who owns nothing', async () => {
    const owner = `lf_owner_${randomUUID().slice(0, 8)}`
    const login = `lf_login_${randomUUID().slice(0, 8)}`
    const name = new URL(database.url).pathname.slice(1)
    await migrate(database.url, { migrations: [] })
    await asOwner(
      database.url,
      `CREATE ROLE ${owner} LOGIN PASSWORD 'x' CREATEROLE; CREATE ROLE ${login} LOGIN PASSWORD 'x'; ALTER DATABASE ${name} OWNER TO ${owner}; ALTER SCHEMA public OWNER TO ${owner}`,
    )
    // The roles of the platform belong to the server and may be there already, made by another.
    await asOwner(
      database.url,
      `DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'lightflus_app') THEN
        GRANT lightflus_app, lightflus_platform TO ${owner} WITH ADMIN OPTION; END IF; END $$`,
    )
    const asUser = (user: string) => Object.assign(new URL(database.url), { username: user, password: 'x' }).href
    try {
      await migrate(asUser(owner))
      await asOwner(database.url, `GRANT lightflus_app, lightflus_platform TO ${login}`)
      const used = new Database({ url: asUser(login), connectionsMax: 3, onError: () => {} })
      try {
        await used.assertUsable()
        const id = await createTenant(used, { name: 'acme', owner: { email: 'a@b.example', password: 'x' } })
        expect(await used.tenant(id, ({ client }) => client.membership.count())).toBe(1)
      } finally {
        await used.close()
      }
    } finally {
      await asOwner(
        database.url,
        `REASSIGN OWNED BY ${owner} TO CURRENT_USER; DROP OWNED BY ${owner}; DROP OWNED BY ${login}`,
      )
      await asOwner(database.url, `DROP ROLE ${owner}; DROP ROLE ${login}`)
    }
  })
})

needs('postgres')('row-level security', () => {
  let fresh: FreshDatabase
  let database: Database
  const tenants: string[] = []

  beforeAll(async () => {
    fresh = await freshDatabase()
    database = new Database({ url: fresh.url, connectionsMax: 4, onError: () => {} })
    await database.assertUsable()
    for (const name of ['acme', 'globex']) {
      const tenantId = await createTenant(database, { name, owner: { email: `${name}@a.example`, password: 'x' } })
      tenants.push(tenantId)
      await database.tenant(tenantId, ({ client }) =>
        client.job.create({ data: { tenantId, id: randomUUID(), name: `${name}-job` } }),
      )
    }
  })
  afterAll(async () => {
    await database.close()
    await fresh.drop()
  })

  test('is on, and forced upon the owner, for every table with rows of tenants', async () => {
    const tables = await asOwner<{ table: string; on: boolean; forced: boolean; policies: string[] }>(
      fresh.url,
      `SELECT c.relname AS "table", c.relrowsecurity AS on, c.relforcerowsecurity AS forced,
         array(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
       FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'`,
    )
    expect(tables.length).toBeGreaterThan(15)
    for (const table of tables) {
      expect(table).toMatchObject({ on: true, forced: true })
      expect(table.policies).toContain(table.table === 'app_user' ? 'members_only' : 'tenant_isolation')
    }
  })

  test('has the tenant in every foreign key between rows of tenants', async () => {
    const keys = await asOwner<{ name: string; columns: string[] }>(
      fresh.url,
      `SELECT k.conname AS name, array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) AS columns
       FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid <> 'app_user'::regclass`,
    )
    expect(keys.length).toBeGreaterThan(10)
    for (const key of keys) expect(key.columns).toContain('tenant_id')
  })

  test('lets a forgotten `where` see and change nothing of another tenant', async () => {
    const [acme] = tenants
    await database.tenant(acme, async ({ client }) => {
      expect((await client.job.findMany()).map(({ name }) => name)).toEqual(['acme-job'])
      expect((await client.tenant.findMany()).map(({ name }) => name)).toEqual(['acme'])
      expect((await client.user.findMany({ select: { email: true } })).map(({ email }) => email)).toEqual([
        'acme@a.example',
      ])
      expect((await client.job.updateMany({ data: { latestVersion: 0 } })).count).toBe(1)
      expect(await client.$queryRaw`SELECT name FROM job`).toEqual([{ name: 'acme-job' }])
    })
  })

  test('shows nothing without a tenant, also on a connection that had one a moment ago', async () => {
    const client = new pg.Client({ connectionString: fresh.url, options: '-c role=lightflus_app' })
    await client.connect()
    try {
      expect((await client.query('SELECT * FROM job')).rows).toEqual([])
      await client.query('BEGIN')
      await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenants[0]])
      expect((await client.query('SELECT * FROM job')).rows).toHaveLength(1)
      await client.query('COMMIT')
      expect((await client.query('SELECT * FROM job')).rows).toEqual([])
      await client.query('RESET ROLE')
      expect((await client.query('SELECT * FROM job')).rows).toEqual([])
    } finally {
      await client.end()
    }
  })

  test('refuses a row for another tenant, and a reference to another tenant’s row', async () => {
    const [acme, globex] = tenants
    const write = (data: { tenantId: string; id: string; name: string }) =>
      database.tenant(acme, ({ client }) => client.job.create({ data }))
    await expect(write({ tenantId: globex, id: randomUUID(), name: 'smuggled' })).rejects.toThrow(/row-level security/)
    const foreign = await database.tenant(globex, ({ client }) => client.job.findFirstOrThrow())
    const version = {
      version: 1,
      createdBy: '',
      programFile: '',
      programText: '',
      bundleText: '',
      bundleSha256: '',
      graph: {},
      graphHash: '',
      diagnostics: [],
    }
    await expect(
      database.tenant(acme, ({ client }) =>
        client.version.create({ data: { ...version, tenantId: acme, jobId: foreign.id } }),
      ),
    ).rejects.toThrow(/[Ff]oreign key/)
  })

  test('lets nobody change a version, nor the application read a password', async () => {
    const [acme] = tenants
    await expect(
      database.tenant(acme, ({ client }) => client.version.updateMany({ data: { graphHash: 'x' } })),
    ).rejects.toThrow(/permission denied/)
    await expect(
      database.tenant(acme, ({ client }) => client.$queryRaw`SELECT password_hash FROM app_user`),
    ).rejects.toThrow(/permission denied/)
  })

  test('keeps the platform’s narrow paths narrow', async () => {
    const client = new pg.Client({ connectionString: fresh.url, options: '-c role=lightflus_platform' })
    await client.connect()
    try {
      expect((await client.query('SELECT tenant_id, id, state FROM deployment')).rows).toEqual([])
      for (const sql of [
        'SELECT * FROM deployment',
        'SELECT name FROM job',
        'SELECT secrets FROM connection',
        'SELECT message FROM log_line',
        `UPDATE deployment SET state = 'FAILED'`,
        'DELETE FROM tenant',
        'INSERT INTO membership SELECT * FROM membership',
        `UPDATE app_user SET email = 'x'`,
      ])
        await expect(client.query(sql)).rejects.toThrow(/permission denied/)
    } finally {
      await client.end()
    }
  })
})
