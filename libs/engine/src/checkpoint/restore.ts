import type { PhysicalPlan, SubtaskAddress } from '../plan/plan.ts'
import type { SubtaskRestore, SubtaskSnapshot } from './snapshot.ts'
/** @throws LF_RESTORE_MISMATCH */
export declare function restoreSubtask(
  plan: PhysicalPlan,
  snapshots: readonly SubtaskSnapshot[],
  subtask: SubtaskAddress,
): SubtaskRestore
