/**
 * The engine: graph and closures in, running subtasks out. It imports nothing of Node, reads no clock and sets no timer:
 * clock, channels, storage and turns come from outside, so the same code runs in a slot, in a browser and in tests.
 *
 * A runtime uses it like this, once an attempt has claimed the job:
 *
 * 1. `planJob(graph, parallelism)`: chains and the edges between them. Every thread makes the same plan.
 * 2. For each of `subtasksOf(plan)`, in the thread that is to run it: `createSubtask(options)` with the closures of a
 *    `build()` of its own, channels in the order of the chain's `inputs` and `outputs`, and, when there is a checkpoint,
 *    `restoreSubtask(plan, snapshots, address)` of all its snapshots; `alignment`: the port of a `SourceAlignment` over memory
 *    that all threads of the job share. Then `run()`.
 * 3. In the coordinator: `startCheckpoints`, and `stepCheckpoints(state, event)` for whatever happens (the interval,
 *    requests, `onSnapshot` and `onFinished` once stored, `onCommitted`, timers, the log's answers). It performs the effects
 *    in order. Events of one subtask must come in the order of its calls, but commits may overtake what is being stored.
 * 4. `endAttempt` says with what the attempt has ended; `failAttempt`, or a `run` that rejects, that it has failed.
 *
 * Snapshots refer to live state: serialise them within `onSnapshot` and `onFinished`. docs/concepts/engine.md explains.
 */
export * from './record.ts'
export { isPacked, payloadAt } from './connector.ts'
export type * from './connector.ts'
export type * from './sink-commits.ts'
export { hashKey, keyGroupCount, keyGroupOf, subtaskOfKeyGroup } from './key-group.ts'
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
export { SourceAlignment, type AlignmentPort } from './watermark/alignment.ts'
export { createSubtask } from './subtask/subtask.ts'
export type * from './subtask/subtask-options.ts'
export type * from './subtask/ports.ts'
export { StateBudget } from './subtask/state-budget.ts'
export type { OperatorMetrics } from './subtask/metrics.ts'
export { sinksWithOutput, snapshotFormatVersion } from './checkpoint/snapshot.ts'
export type * from './checkpoint/snapshot.ts'
export { commonKeyGroups, keyGroupsOfSubtask } from './checkpoint/state-segment.ts'
export type { KeyGroupRange, RestoredSegment, StateSegment } from './checkpoint/state-segment.ts'
export type { StateStore, StoredSize, StoredSnapshot, StoredState, StoreOwner } from './state-store/state-store.ts'
export type { FrozenState, WriteState } from './checkpoint/frozen-state.ts'
export { joinBlocks } from './checkpoint/written-state.ts'
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
export { stateEntries, type StateEntry } from './checkpoint/state-entries.ts'
export { restoreSubtask } from './checkpoint/restore.ts'
export { generatedSources, type GeneratedSource } from './compiled/generated-sources.ts'
export { everything, nothing, project, type Demand } from './field-use/demand.ts'
export { valueKind, type ScanDemand } from './scan/scan-types.ts'
export { edgeDemands } from './field-use/edge-demands.ts'
export { sourceDecodings, type SourceDecoding, type SourceWhole } from './field-use/source-decoding.ts'
