import { Module } from '@nestjs/common'
import { JobsModule } from '../jobs/jobs.module.ts'
import { Demo } from './demo.ts'

@Module({ imports: [JobsModule], providers: [Demo], exports: [Demo] })
export class TenantsModule {}
