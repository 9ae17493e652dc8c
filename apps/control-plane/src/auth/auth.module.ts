import { Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { JwtModule } from '@nestjs/jwt'
import { PassportModule } from '@nestjs/passport'
import { ApiKeysModule } from '../api-keys/api-keys.module.ts'
import { AddressThrottleGuard, TenantThrottleGuard } from '../http/throttle.guards.ts'
import { WorkersModule } from '../workers/workers.module.ts'
import { AccessGuard } from './access.guard.ts'
import { AccessTokens } from './access-tokens.ts'
import { AuthController } from './auth.controller.ts'
import { Sessions } from './sessions.ts'
import { ApiKeyStrategy } from './strategies/api-key.strategy.ts'
import { JwtStrategy } from './strategies/jwt.strategy.ts'
import { LocalStrategy } from './strategies/local.strategy.ts'
import { VerifyPassword } from './use-cases/verify-password.ts'

/** Who calls, and whether they may. The guards hold for every route of the application, in this order. */
@Module({
  imports: [PassportModule, JwtModule.register({}), ApiKeysModule, WorkersModule],
  controllers: [AuthController],
  providers: [
    AccessTokens,
    Sessions,
    VerifyPassword,
    JwtStrategy,
    ApiKeyStrategy,
    LocalStrategy,
    { provide: APP_GUARD, useClass: AddressThrottleGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: TenantThrottleGuard },
  ],
})
export class AuthModule {}
