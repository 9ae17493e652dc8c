import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { LightflusError } from '@lightflus/api'
import pg from 'pg'
import { databaseError } from './database-error.ts'

/** The same lock that `prisma migrate` takes, so that the two never work at once. */
const migrationLock = 72_707_369
const migrationsFolder = new URL('../../../../prisma/migrations/', import.meta.url)

export interface Migration {
  readonly name: string
  readonly sql: string
  /** SHA-256 of the file, hex, as Prisma records it. */
  readonly checksum: string
}

export interface MigrationStatus {
  /** Names of what is still to be applied, in order. */
  readonly pending: readonly string[]
  readonly applied: readonly string[]
}

interface AppliedRow {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
}

export interface MigrateOptions {
  /** Other migrations than those of this release; for tests. */
  readonly migrations?: readonly Migration[]
}

/** The migrations of this release, oldest first. */
export async function readMigrations(folder: URL = migrationsFolder): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(new URL(`${name}/migration.sql`, folder), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/**
 * Brings a database to the schema of this release and returns what it applied; nothing to do takes one query. Any
 * number of processes may call it at once. Each migration is one transaction with its row in `_prisma_migrations`, which
 * is written as Prisma writes it, so `prisma migrate` and this take turns freely. Unlike Prisma it leaves no trace of
 * a migration that failed: the next start tries again.
 * @throws LF_DATABASE_UNREACHABLE, LF_DATABASE_NEWER, LF_DATABASE_DIVERGED or LF_DATABASE_MIGRATION
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<readonly string[]> {
  return withClient(databaseUrl, async (client) => {
    const migrations = options.migrations ?? (await readMigrations())
    if (pendingOf(migrations, await appliedRows(client)).length === 0) return []
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
    try {
      await client.query(migrationsTable)
      const pending = pendingOf(migrations, await appliedRows(client))
      for (const migration of pending) await apply(client, migration)
      return pending.map(({ name }) => name)
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [migrationLock])
    }
  })
}

/** What {@link migrate} would do. Throws as it does. */
export async function migrationStatus(databaseUrl: string, options: MigrateOptions = {}): Promise<MigrationStatus> {
  return withClient(databaseUrl, async (client) => {
    const rows = await appliedRows(client)
    const pending = pendingOf(options.migrations ?? (await readMigrations()), rows)
    return { pending: pending.map(({ name }) => name), applied: rows.map((row) => row.migration_name) }
  })
}

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'lightflus-migrate' })
  try {
    await client.connect()
  } catch (thrown) {
    throw databaseError(thrown, databaseUrl)
  }
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function appliedRows(client: pg.Client): Promise<readonly AppliedRow[]> {
  const { rows: found } = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`)
  if (!found[0].found) return []
  const { rows } = await client.query<AppliedRow>(
    `SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  )
  return rows
}

/** Compares what there is with what should be; the database has to be a prefix of the release. */
function pendingOf(migrations: readonly Migration[], rows: readonly AppliedRow[]): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of rows) {
    const migration = known.get(row.migration_name)
    if (!migration)
      throw new LightflusError(
        'LF_DATABASE_NEWER',
        `The database has the migration ${row.migration_name}, which this release does not know.`,
      )
    if (migration.checksum !== row.checksum)
      throw new LightflusError(
        'LF_DATABASE_DIVERGED',
        `Migration ${row.migration_name} was changed after it was applied.`,
      )
    if (row.finished_at === null)
      throw new LightflusError(
        'LF_DATABASE_MIGRATION',
        `Migration ${row.migration_name} was begun by \`prisma migrate\` and did not end.`,
        { nextStep: 'Settle it with `npm run prisma -- migrate resolve`, then start again.' },
      )
  }
  const applied = new Set(rows.map((row) => row.migration_name))
  return migrations.filter(({ name }) => !applied.has(name))
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(migration.sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    )
    await client.query('COMMIT')
  } catch (thrown) {
    await client.query('ROLLBACK')
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new LightflusError('LF_DATABASE_MIGRATION', `Migration ${migration.name} failed: ${reason}`, {
      cause: thrown,
    })
  }
}

/** Prisma's own definition of its table. */
const migrationsTable = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`
