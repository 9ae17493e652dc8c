import { Module } from '@nestjs/common'
import { JobMetricsController } from './job-metrics.controller.ts'

@Module({ controllers: [JobMetricsController] })
export class JobMetricsModule {}
