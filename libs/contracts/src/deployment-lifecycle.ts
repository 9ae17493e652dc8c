/** What a user wants of a deployment. The reconciler brings what is observed nearer to it. */
export const desiredStates = ['running', 'suspended', 'stopped', 'drained', 'cancelled'] as const
export type DesiredState = (typeof desiredStates)[number]

/** What was last observed of a deployment. */
export const deploymentStates = [
  'PENDING',
  'STARTING',
  'RUNNING',
  'RESTARTING',
  'SUSPENDING',
  'SUSPENDED',
  'STOPPING',
  'DRAINING',
  'CANCELLING',
  'STOPPED',
  'CANCELLED',
  'FINISHED',
  'FAILED',
] as const
export type DeploymentState = (typeof deploymentStates)[number]

export interface DeploymentStateFacts {
  /** No transition leaves it; a job in it may be deployed anew. */
  readonly terminal: boolean
  /** The sentence that API, CLI, console and docs show. */
  readonly sentence: string
  /** The role of its colour in CLI and console. */
  readonly tone: 'neutral' | 'busy' | 'good' | 'warning' | 'bad'
}

export const deploymentStateFacts = {
  PENDING: { terminal: false, tone: 'neutral', sentence: 'Accepted; waiting for a worker.' },
  STARTING: { terminal: false, tone: 'busy', sentence: 'A worker is starting the job.' },
  RUNNING: { terminal: false, tone: 'good', sentence: 'The job is processing records.' },
  RESTARTING: {
    terminal: false,
    tone: 'warning',
    sentence: 'An attempt failed; the next one starts from the newest checkpoint.',
  },
  SUSPENDING: { terminal: false, tone: 'busy', sentence: 'Taking a savepoint before pausing.' },
  SUSPENDED: { terminal: false, tone: 'neutral', sentence: 'Paused with a savepoint; resume goes on from it.' },
  STOPPING: { terminal: false, tone: 'busy', sentence: 'Taking a savepoint before ending for good.' },
  DRAINING: { terminal: false, tone: 'busy', sentence: 'Reading no more; firing every window before ending for good.' },
  CANCELLING: { terminal: false, tone: 'busy', sentence: 'Ending at once.' },
  STOPPED: { terminal: true, tone: 'neutral', sentence: 'Ended by the user, with a savepoint or drained.' },
  CANCELLED: { terminal: true, tone: 'neutral', sentence: 'Ended at once by the user.' },
  FINISHED: { terminal: true, tone: 'good', sentence: 'All input was read and every result is written.' },
  FAILED: { terminal: true, tone: 'bad', sentence: 'The job ended because of an error.' },
} as const satisfies Record<DeploymentState, DeploymentStateFacts>
