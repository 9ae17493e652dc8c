import { chmod, chown, cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { LightflusError } from '@lightflus/api'
import { freePort, type TemporaryFolder, temporaryFolder, until } from '@lightflus/testing/services'
import pg from 'pg'
import { isRunning, signalProcess } from '../provisioner/process/process-identity.ts'
import { openDataFolder, prepareFolder } from './data-folder.ts'
import { databaseUser } from './database-user.ts'
import { Part } from './part.ts'
import { findPackage, postgresPrograms } from './postgres-programs.ts'
import {
  databaseUrl,
  forgetEarlierServer,
  postgresPart,
  type PostgresServerOptions,
  prepareDatabase,
} from './postgres-server.ts'

const release = { version: '0.1.0', migration: '20261123000000_a' }

describe('the embedded Postgres', () => {
  let temporary: TemporaryFolder
  const parts: Part[] = []
  const restarts: string[] = []
  let gaveUp: LightflusError | undefined

  /** As `up` does it; the path is one that the database's user can pass through. */
  const prepare = async (): Promise<PostgresServerOptions> => {
    const path = join(temporary.path, 'data')
    await prepareFolder(path)
    const user = await databaseUser(join(path, 'postgres'))
    const folder = await openDataFolder(path, release)
    const programs = await postgresPrograms(folder.postgresPrograms, user)
    const options = { folder, programs, user, port: await freePort() }
    await prepareDatabase(options)
    await forgetEarlierServer(folder)
    return options
  }
  const start = async (options: PostgresServerOptions) => {
    const part = new Part({
      ...postgresPart(options),
      onStart: async () => undefined,
      onRestart: (how) => restarts.push(how),
      onGivingUp: (error) => (gaveUp = error),
    })
    parts.push(part)
    await part.start()
    return part
  }
  const query = async (options: PostgresServerOptions, text: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: databaseUrl(options) })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query(text)).rows as unknown[]
    } finally {
      await client.end()
    }
  }

  beforeEach(async () => {
    temporary = temporaryFolder('embedded')
    await chmod(temporary.path, 0o711)
    restarts.length = 0
    gaveUp = undefined
  })
  afterEach(async () => {
    await Promise.all(parts.splice(0).map((part) => part.stop()))
    await temporary.remove()
  })

  it('is made, keeps its data over a stop, and lets nobody in without the password', async () => {
    const options = await prepare()
    const part = await start(options)
    await query(options, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const wrong = new pg.Client({
      connectionString: databaseUrl(options).replace(options.folder.databasePassword, 'x'),
    })
    await expect(wrong.connect()).rejects.toThrow(/password authentication failed/)
    const { identity } = part
    await part.stop()
    expect(await isRunning(identity!)).toBe(false)
    const again = await prepare()
    await start(again)
    expect(await query(again, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
    expect(restarts).toEqual([])
  })

  it('is started again when it dies, with its data', async () => {
    const options = await prepare()
    const part = await start(options)
    await query(options, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await signalProcess(part.identity!, 'SIGKILL')
    const rows = await until(() => query(options, 'SELECT answer FROM kept'), { what: 'Postgres to answer again' })
    expect(rows).toEqual([{ answer: 42 }])
    expect(restarts[0]).toBe('was ended by SIGKILL')
  })

  it('is given up, with the end of its log, when it cannot stay up', async () => {
    const options = await prepare()
    const part = await start(options)
    await rename(join(options.folder.postgres, 'global'), join(options.folder.postgres, 'lost'))
    await signalProcess(part.identity!, 'SIGKILL')
    await until(() => gaveUp, { what: 'the part to be given up', deadlineMs: 60_000 })
    expect(gaveUp).toMatchObject({ code: 'LF_UP_DATABASE', message: expect.stringContaining('postgres.log') })
  }, 90_000)

  it('begins anew after a first start that was broken off', async () => {
    const options = await prepare()
    await rm(join(options.folder.path, 'postgres'), { recursive: true })
    await mkdir(join(options.folder.path, 'postgres.new', 'data'), { recursive: true })
    await writeFile(join(options.folder.path, 'postgres.new', 'data', 'half'), '')
    const again = await prepare()
    await start(again)
    expect(await query(again, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(await readdir(again.folder.path)).not.toContain('postgres.new')
  })

  it('does not take a stranger for its earlier self', async () => {
    const options = await prepare()
    // As after the restart of a container: the recorded id is that of another process of the same user.
    await writeFile(join(options.folder.postgres, 'postmaster.pid'), `${process.pid}\n${options.folder.postgres}\n`)
    const again = await prepare()
    await start(again)
    expect(await query(again, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('is refused when its folder is damaged or of another version', async () => {
    const { folder } = await prepare()
    const version = join(folder.postgres, 'PG_VERSION')
    await writeFile(version, '17\n')
    await expect(prepare()).rejects.toMatchObject({
      code: 'LF_UP_FOLDER_FOREIGN',
      message: expect.stringContaining('Postgres 17'),
    })
    for (const text of ['', 'garbage']) {
      await writeFile(version, text)
      await expect(prepare()).rejects.toMatchObject({ code: 'LF_UP_FOLDER_DAMAGED' })
    }
    await writeFile(version, '18\n')
    await rm(join(folder.postgres, 'global', 'pg_control'))
    await expect(prepare()).rejects.toMatchObject({
      code: 'LF_UP_FOLDER_DAMAGED',
      message: expect.stringContaining('pg_control'),
    })
  })

  it('says why it does not start', async () => {
    const options = await prepare()
    await writeFile(join(options.folder.postgres, 'postgresql.conf'), 'nonsense here\n')
    await expect(start(options)).rejects.toMatchObject({
      code: 'LF_UP_DATABASE',
      message: expect.stringContaining('unrecognized configuration parameter'),
    })
  })

  it('says so when the disk is full', async () => {
    const options = await prepare()
    await rm(options.folder.postgres, { recursive: true })
    const full = { ...options, programs: { ...options.programs, initdb: join(temporary.path, 'initdb') } }
    await writeFile(
      full.programs.initdb,
      '#!/bin/sh\necho "initdb: error: could not write: No space left on device" >&2\nexit 1\n',
      { mode: 0o755 },
    )
    await expect(prepareDatabase(full)).rejects.toMatchObject({ code: 'LF_UP_DISK_FULL' })
  })

  const asRoot = process.getuid?.() === 0 ? it : it.skip
  asRoot('runs as another user from an installation that this user cannot reach, with links missing', async () => {
    const closed = join(temporary.path, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const installed = await findPackage()
    const native = join(closed, 'native')
    await cp(installed.folder, native, { recursive: true, verbatimSymlinks: true })
    for (const name of await readdir(join(native, 'lib')))
      if (/\.so(\.\d+)?$/.test(name) && name.startsWith('libicu')) await rm(join(native, 'lib', name))
    const path = join(temporary.path, 'data')
    await prepareFolder(path)
    const folder = await openDataFolder(path, release)
    const user = await databaseUser(folder.postgres)
    const found = { folder: native, version: installed.version }
    const programs = await postgresPrograms(folder.postgresPrograms, user, found)
    expect(programs.postgres.startsWith(folder.postgresPrograms)).toBe(true)
    const options = { folder, programs, user, port: await freePort() }
    await prepareDatabase(options)
    await start(options)
    expect(await query(options, 'SELECT count(*)::int AS n FROM pg_collation WHERE collprovider = $$i$$')).toEqual([
      { n: expect.any(Number) },
    ])
    expect((await postgresPrograms(folder.postgresPrograms, user, found)).postgres).toBe(programs.postgres)
  })

  asRoot('keeps its owner when the system has gained a user that would be chosen now', async () => {
    const options = await prepare()
    const path = join(temporary.path, 'owned')
    await mkdir(path)
    await chown(path, 65_534, 65_534)
    expect(await databaseUser(path)).toMatchObject({ uid: 65_534 })
    expect(options.user!.uid).not.toBe(0)
  })
})
