import { Module } from '@nestjs/common'
import { JobsController } from './jobs.controller.ts'
import { JobsReader } from './jobs-reader.ts'
import { ApplyJob } from './use-cases/apply-job.ts'
import { ChangeDeployment } from './use-cases/change-deployment.ts'
import { CheckProgram } from './use-cases/check-program.ts'
import { DeleteJob } from './use-cases/delete-job.ts'
import { DeployJob } from './use-cases/deploy-job.ts'
import { TakeSavepoint } from './use-cases/take-savepoint.ts'

@Module({
  controllers: [JobsController],
  providers: [JobsReader, CheckProgram, ApplyJob, DeployJob, ChangeDeployment, TakeSavepoint, DeleteJob],
  exports: [ApplyJob],
})
export class JobsModule {}
