/**
 * What `lightflus reset-password` becomes: makes a new password for the demo tenant of the platform that runs on a data
 * folder, and prints it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isLightflusError, LightflusError } from '@lightflus/api'
import { Database } from '../database/database.ts'
import { changePassword } from '../tenants/change-password.ts'
import { readDatabasePassword } from './data-folder.ts'
import { newPassword, readDemoAccount, writeDemoAccount } from './demo-account.ts'
import { readLock } from './folder-lock.ts'
import { urlOfDatabase } from './postgres-server.ts'
import { dataDirOf } from './up-options.ts'

async function resetPassword(folder: string): Promise<string> {
  const lock = await readLock(folder)
  const account = await readDemoAccount(folder)
  const [port, password] = [await databasePort(folder), await readDatabasePassword(folder)]
  if (!lock || port === null || password === null)
    throw new LightflusError('LF_UP_NOT_THERE', `No platform runs on ${folder}.`)
  if (!account)
    throw new LightflusError('LF_UP_NOT_THERE', `The platform on ${folder} has no demo tenant.`, {
      nextStep: 'Change the password of another user in the console.',
    })
  const next = { ...account, password: newPassword() }
  const database = new Database({ url: urlOfDatabase(password, port), connectionsMax: 3, onError: () => undefined })
  try {
    await changePassword(database, account.email, next.password)
  } finally {
    await database.close()
  }
  await writeDemoAccount(folder, next)
  return `New password of ${next.email} at ${lock.address}: ${next.password}`
}

/** The port stands in the fourth line of the file that a running Postgres keeps. */
async function databasePort(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
  return Number(text.split('\n')[3]) || null
}

try {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } } })
  console.log(await resetPassword(dataDirOf(values['data-dir'], process.env)))
} catch (error) {
  console.error(isLightflusError(error) ? `error ${error.message}\n  ${error.nextStep} (${error.code})` : error)
  process.exitCode = 1
}
