/**
 * What `lightflus reset-password` becomes: makes a new password for the demo tenant of the platform that runs on a data
 * folder, and prints it.
 */
import { parseArgs } from 'node:util'
import { LightflusError } from '@lightflus/api'
import { changePassword } from '../tenants/change-password.ts'
import { newPassword, readDemoAccount, writeDemoAccount } from './demo-account.ts'
import { runCommand, type RunningPlatform, withRunningPlatform } from './running-platform.ts'
import { dataDirOf } from './up-options.ts'

async function resetPassword({ folder, address, database }: RunningPlatform): Promise<string> {
  const account = await readDemoAccount(folder)
  if (!account)
    throw new LightflusError('LF_UP_NOT_THERE', `The platform on ${folder} has no demo tenant.`, {
      nextStep: 'Make a tenant with `lightflus create-tenant NAME EMAIL`.',
    })
  const next = { ...account, password: newPassword() }
  await changePassword(database, account.email, next.password)
  await writeDemoAccount(folder, next)
  return `New password of ${next.email} at ${address}: ${next.password}`
}

const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } } })
await runCommand(() => withRunningPlatform(dataDirOf(values['data-dir'], process.env), resetPassword))
