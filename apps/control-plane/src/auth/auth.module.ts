import { Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { JwtModule } from '@nestjs/jwt'
import { ApiKeysModule } from '../api-keys/api-keys.module.ts'
import { AddressThrottleGuard, TenantThrottleGuard } from '../http/throttle.guards.ts'
import { AccessGuard } from './access.guard.ts'
import { AccessTokens } from './access-tokens.ts'
import { Authenticator } from './authenticator.ts'
import { AuthController } from './auth.controller.ts'
import { Sessions } from './sessions.ts'
import { VerifyPassword } from './use-cases/verify-password.ts'

/** Who calls, and whether they may. The guards hold for every route of the application, in this order. */
@Module({
  imports: [JwtModule.register({}), ApiKeysModule],
  controllers: [AuthController],
  providers: [
    AccessTokens,
    Authenticator,
    Sessions,
    VerifyPassword,
    { provide: APP_GUARD, useClass: AddressThrottleGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: TenantThrottleGuard },
  ],
})
export class AuthModule {}
