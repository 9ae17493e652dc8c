import { Module } from '@nestjs/common'
import { IngestController } from './ingest.controller.ts'
import { IngestLogs } from './ingest-logs.ts'
import { TakeRecords } from './take-records.ts'

@Module({ controllers: [IngestController], providers: [IngestLogs, TakeRecords] })
export class IngestModule {}
