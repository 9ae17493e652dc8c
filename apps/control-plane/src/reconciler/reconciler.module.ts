import { Module } from '@nestjs/common'
import { ForgetExpired } from '../maintenance/forget-expired.ts'
import { RemoveAbandonedCheckpoints } from '../maintenance/remove-abandoned-checkpoints.ts'
import { KeepWorker } from './keep-worker.ts'
import { Listening } from './listening.ts'
import { PlaceDeployment } from './place-deployment.ts'
import { Reconciler } from './reconciler.ts'

@Module({
  providers: [ForgetExpired, KeepWorker, Listening, PlaceDeployment, Reconciler, RemoveAbandonedCheckpoints],
  exports: [Reconciler],
})
export class ReconcilerModule {}
