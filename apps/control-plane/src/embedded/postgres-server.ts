import { execFile } from 'node:child_process'
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LightflusError } from '@lightflus/api'
import { damaged, type DataFolder } from './data-folder.ts'
import type { DatabaseUser } from './database-user.ts'
import { folderError } from './folder-error.ts'
import type { PostgresPrograms } from './postgres-programs.ts'
import { explainPostgres } from './part-failure.ts'
import type { PartOptions } from './part.ts'

/** The one role and the one database of the embedded Postgres. */
const role = 'lightflus'
const database = 'lightflus'

/**
 * Settings for a server of one small platform: a tenth of the memory that Postgres takes by default, no replication,
 * everything as durable as ever.
 */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '40',
  shared_buffers: '24MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  autovacuum_worker_slots: '2',
  autovacuum_max_workers: '2',
  io_method: 'sync',
  jit: 'off',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
}

export interface PostgresServerOptions {
  readonly folder: DataFolder
  readonly programs: PostgresPrograms
  readonly user: DatabaseUser | null
  /** Of 127.0.0.1. */
  readonly port: number
}

/** Where the embedded Postgres is reached. */
export function databaseUrl({ folder, port }: PostgresServerOptions): string {
  return urlOfDatabase(folder.databasePassword, port)
}

export function urlOfDatabase(password: string, port: number): string {
  return `postgresql://${role}:${password}@127.0.0.1:${port}/${database}`
}

/**
 * Makes the database's folder unless it is there. It is made under another name and renamed when it is whole, so a
 * first start that is broken off begins anew at the next.
 * @throws LF_UP_FOLDER_DAMAGED, LF_UP_FOLDER_FOREIGN, LF_UP_DISK_FULL or LF_UP_DATABASE
 */
export async function prepareDatabase(options: PostgresServerOptions): Promise<void> {
  const { folder, programs } = options
  if (await isThere(folder.postgres)) return assertVersion(folder, programs.major)
  const draft = `${folder.postgres}.new`
  const passwordFile = join(draft, 'password')
  const data = join(draft, 'data')
  try {
    await rm(draft, { recursive: true, force: true })
    await mkdir(data, { recursive: true, mode: 0o700 })
    await writeFile(passwordFile, `${folder.databasePassword}\n`, { mode: 0o600 })
    if (options.user)
      for (const path of [draft, data, passwordFile]) await chown(path, options.user.uid, options.user.gid)
    await run(options, programs.initdb, [
      ...['-D', data, '-U', role, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'],
      ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
    ])
    await run(options, programs.postgres, ['--single', '-D', data, 'postgres'], `CREATE DATABASE ${database}\n`)
    await rename(data, folder.postgres)
    await rm(draft, { recursive: true, force: true })
  } catch (error) {
    throw folderError(error, folder.path)
  }
}

/**
 * Removes the mark of a server that is gone. Postgres takes any process with the recorded id for its earlier self,
 * and after a restart of a container that is easily another. The caller knows that no server of this folder runs.
 */
export async function forgetEarlierServer(folder: DataFolder): Promise<void> {
  await rm(join(folder.postgres, 'postmaster.pid'), { force: true })
}

/** The server as a part of the platform. */
export function postgresPart(
  options: PostgresServerOptions,
): Omit<PartOptions, 'onStart' | 'onRestart' | 'onGivingUp'> {
  const { folder, programs, user, port } = options
  return {
    name: 'Postgres',
    command: programs.postgres,
    args: [
      '-D',
      folder.postgres,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: { LC_ALL: 'C', PGTZ: 'UTC' },
    cwd: '/',
    user,
    logFile: join(folder.logs, 'postgres.log'),
    code: 'LF_UP_DATABASE',
    explain: explainPostgres(folder.path),
    // "Fast": ends the clients' sessions instead of waiting for them.
    stopSignal: 'SIGINT',
    stopMsMax: 30_000,
    isReady: () => isReady(folder),
    readyMsMax: 120_000,
  }
}

/** Postgres writes its state into the eighth line of this file; its own tools read it there too. */
async function isReady(folder: DataFolder): Promise<boolean> {
  const text = await readFile(join(folder.postgres, 'postmaster.pid'), 'utf8').catch(() => '')
  return text.split('\n')[7]?.trim() === 'ready'
}

async function assertVersion(folder: DataFolder, major: string): Promise<void> {
  const version = await readFile(join(folder.postgres, 'PG_VERSION'), 'utf8').catch(() => '')
  if (!/^\d+\s*$/.test(version)) throw damaged(folder.path, 'postgres/PG_VERSION is missing or unreadable')
  for (const name of ['global/pg_control', 'postgresql.conf', 'pg_hba.conf'])
    if (!(await isThere(join(folder.postgres, name)))) throw damaged(folder.path, `postgres/${name} is missing`)
  if (version.trim() === major) return
  throw new LightflusError(
    'LF_UP_FOLDER_FOREIGN',
    `The database in ${folder.path} is of Postgres ${version.trim()}; this release brings Postgres ${major}.`,
  )
}

/** Runs one of Postgres' programs to its end. */
async function run(
  options: PostgresServerOptions,
  program: string,
  args: readonly string[],
  input = '',
): Promise<void> {
  const { folder, user } = options
  const running = promisify(execFile)(program, args, { cwd: '/', env: { LC_ALL: 'C', PGTZ: 'UTC' }, ...user })
  running.child.stdin?.on('error', () => undefined).end(input)
  try {
    await running
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string }
    if (/No space left on device|Disk quota exceeded/.test(stderr ?? ''))
      throw folderError({ code: 'ENOSPC' }, folder.path)
    throw new LightflusError('LF_UP_DATABASE', `The database cannot be made: ${(stderr || message).trim()}`, { cause })
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
