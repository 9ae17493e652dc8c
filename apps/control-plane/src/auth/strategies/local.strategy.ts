import { signInSchema } from '@lightflus/contracts'
import { Injectable } from '@nestjs/common'
import { PassportStrategy } from '@nestjs/passport'
import type { Request } from 'express'
import { Strategy } from 'passport-custom'
import { ListedError, problemsOf } from '../../http/listed-error.ts'
import type { Identity } from '../access-tokens.ts'
import { VerifyPassword } from '../use-cases/verify-password.ts'

/** E-mail and password in the body of a sign-in. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  readonly #verify: VerifyPassword

  constructor(verify: VerifyPassword) {
    super()
    this.#verify = verify
  }

  async validate(request: Request): Promise<Identity> {
    const parsed = signInSchema.safeParse(request.body)
    if (!parsed.success) throw ListedError.of('LF_REQUEST_INVALID', problemsOf(parsed.error, 'body'))
    return this.#verify.execute(parsed.data)
  }
}
