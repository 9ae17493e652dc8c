import { signInSchema } from '@lightflus/contracts'
import type passport from 'passport'
import { Strategy } from 'passport-custom'
import { ListedError, problemsOf } from '../../http/listed-error.ts'
import type { VerifyPassword } from '../use-cases/verify-password.ts'

/** E-mail and password in the body of a sign-in. */
export function localStrategy(verify: VerifyPassword): passport.Strategy {
  return new Strategy((request, done) => {
    const parsed = signInSchema.safeParse(request.body)
    if (!parsed.success) return done(ListedError.of('LF_REQUEST_INVALID', problemsOf(parsed.error, 'body')))
    verify.execute(parsed.data).then((identity) => done(null, identity), done)
  })
}
