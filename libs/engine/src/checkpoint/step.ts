import type { PhysicalPlan } from '../plan/plan.ts'
import type { CheckpointEffect, CheckpointEvent } from './protocol.ts'

export interface CheckpointState {
  readonly attempt: number
}
export interface CheckpointProtocolOptions {
  readonly plan: PhysicalPlan
  readonly attempt: number
  /** Id of the first checkpoint: above the highest that the log ever claimed. */
  readonly firstCheckpoint: number
  /** Periodic checkpoints that may fail in a row before the attempt does. Default 10. */
  readonly failuresInRowMax?: number
}
export declare function startCheckpoints(options: CheckpointProtocolOptions): CheckpointState
export declare function step(
  state: CheckpointState,
  event: CheckpointEvent,
): { state: CheckpointState; effects: readonly CheckpointEffect[] }
