import { LightflusError } from '@lightflus/api'
import { hashPassword } from '../crypto/password.ts'
import type { Database } from '../database/database.ts'

/**
 * Gives a user another password and ends all of the user's sessions.
 * @throws LF_USER_NOT_FOUND
 */
export async function changePassword(database: Database, email: string, password: string): Promise<void> {
  const user = await database.platform.userByEmail(email.toLowerCase())
  if (!user) throw new LightflusError('LF_USER_NOT_FOUND', `There is no user ${email}.`)
  await database.platform.changePassword(user.id, await hashPassword(password))
  for (const { tenantId } of await database.platform.membershipsOf(user.id))
    await database.tenant(tenantId, (tx) =>
      tx.client.session.updateMany({
        where: { tenantId, userId: user.id, revokedAt: null },
        data: { revokedAt: new Date(), revokedBy: 'password-change' },
      }),
    )
}
