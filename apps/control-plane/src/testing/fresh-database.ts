import { services, uniqueName } from '@lightflus/testing/services'
import pg from 'pg'
import { migrate } from '../database/migrate.ts'

export interface FreshDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A database of its own for one test file, migrated unless told otherwise. */
export async function freshDatabase(options: { readonly migrated?: boolean } = {}): Promise<FreshDatabase> {
  const { databaseUrl } = services()
  const name = uniqueName('lightflus_test')
  await onServer(databaseUrl, `CREATE DATABASE ${name}`)
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  if (options.migrated ?? true) await migrate(url.href)
  return { url: url.href, drop: () => onServer(databaseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Runs statements as the database's owner, who is held back by no policy where it is a superuser. */
export async function asOwner<T extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(sql, values)).rows
  } finally {
    await client.end()
  }
}
