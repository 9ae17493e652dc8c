import type { Assignment } from '@lightflus/contracts'
import type { DeploymentOptions } from '@lightflus/runtime'
import { openStorage } from '@lightflus/storage'

/** What every worker of a deployment is started by, whichever part of it the worker holds. */
export function deploymentOptionsOf(
  assignment: Assignment,
  bundlePath: string,
  slotNodeOptions: readonly string[] | undefined,
): DeploymentOptions {
  const { deploymentId, jobName, graphHash, parallelism, connections } = assignment
  const { checkpointIntervalMs, dropState, slotHeapBytesMax, placement } = assignment
  return {
    jobName,
    bundlePath,
    graphHash,
    parallelism,
    connections,
    storage: openStorage(assignment.checkpointLocation),
    checkpointIntervalMs,
    restore: restoreOf(assignment),
    dropState,
    deploymentId,
    slotHeapBytesMax,
    ...(slotNodeOptions ? { slotNodeOptions } : {}),
    ...(placement ? { placement } : {}),
  }
}

function restoreOf({ restore, from, acceptRepeats }: Assignment): DeploymentOptions['restore'] {
  if (from !== null) return { checkpoint: from, acceptRepeats }
  return restore ? 'newest' : 'none'
}
