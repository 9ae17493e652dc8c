import type { DeploymentState, DeploymentStateFacts } from '@lightflus/contracts'

export type Tone = DeploymentStateFacts['tone']

/** `RUNNING` as people read it. */
export const stateLabel = (state: DeploymentState): string => state.charAt(0) + state.slice(1).toLowerCase()
