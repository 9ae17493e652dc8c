import { randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import type { Role } from '@lightflus/contracts'
import { hashPassword } from '../crypto/password.ts'
import { type Database, isUniqueViolation } from '../database/database.ts'

export interface NewTenant {
  readonly name: string
  /** Made a user if there is none of this e-mail; the password of one that exists is left as it is. */
  readonly owner: { readonly email: string; readonly password: string }
}

/**
 * Makes a tenant with its owner, and returns its id.
 * @throws LF_TENANT_EXISTS
 */
export async function createTenant(database: Database, { name, owner }: NewTenant): Promise<string> {
  const userId = await obtainUser(database, owner)
  const tenantId = randomUUID()
  try {
    // The tenant's row is the first that is written as this tenant.
    await database.tenant(tenantId, async (tx) => {
      await tx.client.tenant.create({ data: { id: tenantId, name }, select: { id: true } })
      await tx.client.membership.create({ data: { tenantId, userId, role: 'owner' } })
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw new LightflusError('LF_TENANT_EXISTS', `There is a tenant ${name} already.`)
    throw error
  }
  return tenantId
}

/** Makes a user a member, or gives a member another role. */
export async function addMember(
  database: Database,
  member: { readonly tenantId: string; readonly email: string; readonly password: string; readonly role: Role },
): Promise<void> {
  const { tenantId, role } = member
  const userId = await obtainUser(database, member)
  await database.tenant(tenantId, (tx) =>
    tx.client.membership.upsert({
      where: { tenantId_userId: { tenantId, userId } },
      create: { tenantId, userId, role },
      update: { role },
    }),
  )
}

async function obtainUser(
  database: Database,
  { email: given, password }: { readonly email: string; readonly password: string },
): Promise<string> {
  const email = given.toLowerCase()
  const known = await database.platform.userByEmail(email)
  if (known) return known.id
  await database.platform.createUser({ id: randomUUID(), email, passwordHash: await hashPassword(password) })
  const made = await database.platform.userByEmail(email)
  if (!made) throw new Error('a user that was just made is not there')
  return made.id
}
