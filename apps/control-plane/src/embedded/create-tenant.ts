/**
 * What `lightflus create-tenant NAME EMAIL` becomes: makes a tenant with an owner on the platform that runs on a data
 * folder. A new user's password is made and printed.
 */
import { parseArgs } from 'node:util'
import { LightflusError } from '@lightflus/api'
import { resourceName } from '@lightflus/contracts'
import { z } from 'zod'
import { createTenant } from '../tenants/create-tenant.ts'
import { newPassword } from './demo-account.ts'
import { runCommand, type RunningPlatform, withRunningPlatform } from './running-platform.ts'
import { dataDirOf } from './up-options.ts'

async function create({ address, database }: RunningPlatform, given: readonly string[]): Promise<string> {
  const parsed = z.tuple([resourceName, z.email()]).safeParse(given)
  if (!parsed.success)
    throw new LightflusError('LF_UP_OPTION', `Not a name and an e-mail address: ${given.join(' ')}.`, {
      nextStep: 'Give a name of lower-case letters, digits and hyphens, and an address such as you@example.com.',
    })
  const [name, email] = parsed.data
  const password = newPassword()
  const isNew = (await database.platform.userByEmail(email.toLowerCase())) === undefined
  await createTenant(database, { name, owner: { email, password } })
  const how = isNew ? `password ${password}` : 'who keeps the password they have'
  return `Tenant ${name} is made at ${address}. Its owner is ${email}, ${how}.`
}

const { values, positionals } = parseArgs({ options: { 'data-dir': { type: 'string' } }, allowPositionals: true })
await runCommand(() =>
  withRunningPlatform(dataDirOf(values['data-dir'], process.env), (platform) => create(platform, positionals)),
)
