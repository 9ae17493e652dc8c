import { Module } from '@nestjs/common'
import { ApplyReport } from './apply-report.ts'
import { Assignments } from './assignments.ts'
import { AuthenticateWorker } from './authenticate-worker.ts'
import { OperatorKinds } from './operator-kinds.ts'
import { SyncWorker } from './sync-worker.ts'
import { WorkersController } from './workers.controller.ts'

@Module({
  controllers: [WorkersController],
  providers: [ApplyReport, Assignments, AuthenticateWorker, OperatorKinds, SyncWorker],
  exports: [AuthenticateWorker],
})
export class WorkersModule {}
