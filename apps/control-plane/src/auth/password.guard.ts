import { Injectable } from '@nestjs/common'
import { AuthGuard } from '@nestjs/passport'
import type { Identity } from './access-tokens.ts'

/** What {@link PasswordGuard} attaches to a request. */
export interface WithIdentity {
  readonly identity: Identity
}

/** Lets a sign-in through whose password is right. Who signs in is not yet a caller: that takes a session's token. */
@Injectable()
export class PasswordGuard extends AuthGuard('local') {
  override getAuthenticateOptions(): { readonly property: string } {
    return { property: 'identity' }
  }
}
