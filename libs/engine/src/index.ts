export * from './record.ts'
export type * from './connector.ts'
export { keyGroupCount, keyGroupOf, subtaskOfKeyGroup } from './key-group.ts'
export {
  subtaskId,
  subtasksOf,
  type Chain,
  type ChainEdge,
  type ChainOperator,
  type PhysicalPlan,
  type SubtaskAddress,
} from './plan/plan.ts'
export { planJob } from './plan/plan-job.ts'
export { createSubtask } from './subtask/subtask.ts'
export type * from './subtask/subtask-options.ts'
export type * from './subtask/ports.ts'
export type { OperatorMetrics } from './subtask/metrics.ts'
export { snapshotFormatVersion } from './checkpoint/snapshot.ts'
export type * from './checkpoint/snapshot.ts'
export type * from './checkpoint/protocol.ts'
export {
  checkpointFailureReasons,
  type CheckpointFailureFacts,
  type CheckpointFailureReason,
} from './checkpoint/failure-reasons.ts'
export {
  startCheckpoints,
  step as stepCheckpoints,
  type CheckpointProtocolOptions,
  type CheckpointStep,
} from './checkpoint/step.ts'
export type * from './checkpoint/state.ts'
export { restoreSubtask } from './checkpoint/restore.ts'
