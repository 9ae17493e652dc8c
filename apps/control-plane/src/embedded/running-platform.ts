import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isLightflusError, LightflusError } from '@lightflus/api'
import { Database } from '../database/database.ts'
import { readDatabasePassword } from './data-folder.ts'
import { readLock } from './folder-lock.ts'
import { urlOfDatabase } from './postgres-server.ts'

/** The platform that runs on a data folder, for commands that work on its database. */
export interface RunningPlatform {
  readonly folder: string
  /** Of console and API. */
  readonly address: string
  readonly database: Database
}

/**
 * Does something with the platform that runs on a data folder.
 * @throws LF_UP_NOT_THERE when none does
 */
export async function withRunningPlatform<T>(
  folder: string,
  act: (platform: RunningPlatform) => Promise<T>,
): Promise<T> {
  const lock = await readLock(folder)
  const [port, password] = [await databasePort(folder), await readDatabasePassword(folder)]
  if (!lock || port === null || password === null)
    throw new LightflusError('LF_UP_NOT_THERE', `No platform runs on ${folder}.`)
  const database = new Database({ url: urlOfDatabase(password, port), connectionsMax: 3, onError: () => undefined })
  try {
    return await act({ folder, address: lock.address, database })
  } finally {
    await database.close()
  }
}

/** Runs such a command: prints what it returns, or what went wrong, and sets the exit code. */
export async function runCommand(act: () => Promise<string>): Promise<void> {
  try {
    console.log(await act())
  } catch (error) {
    console.error(isLightflusError(error) ? `error ${error.message}\n  ${error.nextStep} (${error.code})` : error)
    process.exitCode = 1
  }
}

/** The port stands in the fourth line of the file that a running Postgres keeps. */
async function databasePort(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
  return Number(text.split('\n')[3]) || null
}
