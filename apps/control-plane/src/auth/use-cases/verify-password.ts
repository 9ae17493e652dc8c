import { LightflusError } from '@lightflus/api'
import { Inject, Injectable } from '@nestjs/common'
import { verifyNothing, verifyPassword } from '../../crypto/password.ts'
import { Database } from '../../database/database.ts'
import { rateLimited } from '../../http/rate-limited.ts'
import { RateLimiter } from '../../http/rate-limiter.ts'
import { type Clock, CLOCK } from '../../platform/clock.ts'
import { type Limits, LIMITS } from '../../platform/limits.ts'
import type { Identity } from '../access-tokens.ts'

export interface VerifyPasswordCommand {
  readonly email: string
  readonly password: string
  /** Needed by a user with several tenants. */
  readonly tenant?: string | undefined
}

/** Finds the member whose e-mail and password these are. A wrong answer takes as long as a right one. */
@Injectable()
export class VerifyPassword {
  readonly #database: Database
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #limiter = new RateLimiter()

  constructor(database: Database, @Inject(CLOCK) clock: Clock, @Inject(LIMITS) limits: Limits) {
    this.#database = database
    this.#clock = clock
    this.#limits = limits
  }

  /** @throws LF_CREDENTIALS_WRONG, LF_TENANT_AMBIGUOUS or LF_RATE_LIMITED */
  async execute(command: VerifyPasswordCommand): Promise<Identity> {
    const email = command.email.toLowerCase()
    const waitMs = this.#limiter.take(email, this.#limits.signInsPerEmail, this.#clock.now())
    if (waitMs > 0) throw rateLimited('sign-ins for this e-mail', waitMs)
    const user = await this.#database.platform.userByEmail(email)
    const right = user
      ? await verifyPassword(command.password, user.passwordHash)
      : await verifyNothing(command.password)
    if (!user || !right) throw new LightflusError('LF_CREDENTIALS_WRONG', 'E-mail or password is wrong.')
    const memberships = await this.#database.platform.membershipsOf(user.id)
    const chosen = command.tenant ? memberships.filter((each) => each.tenantName === command.tenant) : memberships
    if (chosen.length === 0)
      throw new LightflusError(
        'LF_CREDENTIALS_WRONG',
        command.tenant ? `You are not a member of a tenant ${command.tenant}.` : 'You are not a member of any tenant.',
      )
    if (chosen.length > 1) {
      const names = chosen.map(({ tenantName }) => tenantName).join(', ')
      throw new LightflusError('LF_TENANT_AMBIGUOUS', `You are a member of ${chosen.length} tenants: ${names}.`)
    }
    return { userId: user.id, email, ...chosen[0] }
  }
}
