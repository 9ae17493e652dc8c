import { type DynamicModule, Module } from '@nestjs/common'
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core'
import { LoggerModule } from 'nestjs-pino'
import { AuditInterceptor } from './audit/audit.interceptor.ts'
import { AuditModule } from './audit/audit.module.ts'
import { ApiKeysModule } from './api-keys/api-keys.module.ts'
import { AuthModule } from './auth/auth.module.ts'
import { ConnectionsModule } from './connections/connections.module.ts'
import { HealthModule } from './health/health.module.ts'
import { RequestMetricsInterceptor } from './health/request-metrics.interceptor.ts'
import { ProblemFilter } from './http/problem.filter.ts'
import { IdempotencyInterceptor } from './idempotency/idempotency.interceptor.ts'
import { IngestModule } from './ingest/ingest.module.ts'
import { JobsModule } from './jobs/jobs.module.ts'
import { JobMetricsModule } from './metrics/job-metrics.module.ts'
import { LiveModule } from './live/live.module.ts'
import { loggerOptions } from './platform/logging.ts'
import { PlatformModule, type PlatformParts } from './platform/platform.module.ts'
import { ReconcilerModule } from './reconciler/reconciler.module.ts'
import { WakesModule } from './reconciler/wakes.module.ts'
import { TenantsModule } from './tenants/tenants.module.ts'
import { UsageModule } from './usage/usage.module.ts'
import { WorkersModule } from './workers/workers.module.ts'

@Module({})
export class AppModule {
  static of(parts: PlatformParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(loggerOptions(parts.config)),
        PlatformModule.of(parts),
        AuditModule,
        WakesModule,
        ConnectionsModule,
        AuthModule,
        ApiKeysModule,
        JobsModule,
        IngestModule,
        JobMetricsModule,
        WorkersModule,
        ReconcilerModule,
        LiveModule,
        UsageModule,
        TenantsModule,
        HealthModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        // From the outside inwards: an answer that is repeated is timed, but not done and recorded again.
        { provide: APP_INTERCEPTOR, useClass: RequestMetricsInterceptor },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
      ],
    }
  }
}
