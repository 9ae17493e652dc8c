/**
 * `node dist/create-tenant.js NAME EMAIL`: makes a tenant with an owner in the database of DATABASE_URL. A new user's
 * password is that of LIGHTFLUS_PASSWORD, else one is made and printed. Ends with 0, or with 1 and a message.
 */
import { isLightflusError, LightflusError } from '@lightflus/api'
import { resourceName } from '@lightflus/contracts'
import { z } from 'zod'
import { Database } from './database/database.ts'
import { newPassword } from './embedded/demo-account.ts'
import { createTenant } from './tenants/create-tenant.ts'

const usage = 'Usage: DATABASE_URL=… node dist/create-tenant.js NAME EMAIL'

try {
  const url = process.env.DATABASE_URL
  const given = z.tuple([resourceName, z.email()]).safeParse(process.argv.slice(2))
  if (!url || !given.success) throw new LightflusError('LF_CONFIG_INVALID', usage)
  const [name, email] = given.data
  const password = process.env.LIGHTFLUS_PASSWORD || newPassword()
  const database = new Database({ url, connectionsMax: 3, onError: console.error })
  try {
    await database.assertUsable()
    const isNew = (await database.platform.userByEmail(email.toLowerCase())) === undefined
    await createTenant(database, { name, owner: { email, password } })
    console.log(`Tenant ${name} is made; its owner is ${email}.`)
    if (!isNew) console.log('The user existed already; the password is as it was.')
    else if (!process.env.LIGHTFLUS_PASSWORD) console.log(`Password: ${password}`)
  } finally {
    await database.close()
  }
} catch (error) {
  console.error(isLightflusError(error) ? `${error.code}: ${error.message}` : error)
  process.exitCode = 1
}
