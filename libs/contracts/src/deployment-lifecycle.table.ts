import { deploymentStates, type DeploymentState, type DesiredState } from './deployment-lifecycle.ts'

/** What a user may ask of a deployment that exists. `POST /api/v1/jobs/{name}/<verb>`. */
export const lifecycleVerbs = ['suspend', 'resume', 'stop', 'drain', 'cancel'] as const
export type LifecycleVerb = (typeof lifecycleVerbs)[number]

/** What the spec says once the verb was accepted. */
export const desiredByVerb = {
  suspend: 'suspended',
  resume: 'running',
  stop: 'stopped',
  drain: 'drained',
  cancel: 'cancelled',
} as const satisfies Record<LifecycleVerb, DesiredState>

/** What a worker may say of an attempt (the `attemptStates` of the worker protocol, as events). */
export const observedEvents = [
  'workerStarting',
  'workerRunning',
  'workerRestarting',
  'workerSuspended',
  'workerStopped',
  'workerDrained',
  'workerCancelled',
  'workerFinished',
  'workerFailed',
] as const
export type ObservedEvent = (typeof observedEvents)[number]

/**
 * What the platform itself brings about. `replace`: a newer deployment of the job was asked for. `workerLost`: the
 * worker ended, or was ended because it no longer synced. `workersExhausted`: that happened too often in a row.
 */
export const platformEvents = ['replace', 'workerLost', 'workersExhausted'] as const
export type PlatformEvent = (typeof platformEvents)[number]

export const lifecycleEvents = [...lifecycleVerbs, ...observedEvents, ...platformEvents] as const
export type LifecycleEvent = (typeof lifecycleEvents)[number]

export interface Transition {
  readonly to: DeploymentState
  /** Stands in the event that the change is recorded as. */
  readonly reason: string
}

/** `stay`: expected here and changes nothing, such as a repeated report. An event without an entry is an error. */
type Row = { readonly [event in LifecycleEvent]?: Transition | 'stay' }

const finished: Row = {
  workerFinished: { to: 'FINISHED', reason: 'All input was read and every result is written.' },
  workerFailed: { to: 'FAILED', reason: 'The job ended because of an error.' },
}
const lostForGood: Row = {
  workersExhausted: { to: 'FAILED', reason: 'Its workers were lost again and again.' },
}
const underWay: Row = { workerStarting: 'stay', workerRunning: 'stay', workerRestarting: 'stay' }
const endAsked: Row = {
  suspend: { to: 'SUSPENDING', reason: 'A user asked to suspend it.' },
  stop: { to: 'STOPPING', reason: 'A user asked to stop it.' },
  drain: { to: 'DRAINING', reason: 'A user asked to drain it.' },
  cancel: { to: 'CANCELLING', reason: 'A user asked to cancel it.' },
  replace: { to: 'STOPPING', reason: 'A newer deployment takes its place.' },
}
const workerGone: Row = {
  workerLost: { to: 'RESTARTING', reason: 'Its worker was lost; another goes on from the newest checkpoint.' },
}

/**
 * The lifecycle of a deployment, whole: from × event → to. The server changes a state by no other way, and
 * docs/concepts/deployment-lifecycle.md is drawn from this.
 */
export const deploymentLifecycle = {
  PENDING: {
    ...finished,
    ...lostForGood,
    workerStarting: { to: 'STARTING', reason: 'A worker took it on.' },
    workerRunning: { to: 'RUNNING', reason: 'A worker runs it.' },
    workerRestarting: { to: 'RESTARTING', reason: 'An attempt failed; the worker starts the next one.' },
    workerLost: 'stay',
    resume: 'stay',
    suspend: { to: 'SUSPENDED', reason: 'A user asked to suspend it before it started.' },
    stop: { to: 'STOPPED', reason: 'A user asked to stop it before it started.' },
    cancel: { to: 'CANCELLED', reason: 'A user asked to cancel it before it started.' },
    replace: { to: 'CANCELLED', reason: 'A newer deployment took its place before it started.' },
  },
  STARTING: {
    ...finished,
    ...lostForGood,
    ...endAsked,
    ...workerGone,
    workerStarting: 'stay',
    workerRunning: { to: 'RUNNING', reason: 'A worker runs it.' },
    workerRestarting: { to: 'RESTARTING', reason: 'An attempt failed; the worker starts the next one.' },
    resume: 'stay',
  },
  RUNNING: {
    ...finished,
    ...lostForGood,
    ...endAsked,
    ...workerGone,
    workerStarting: { to: 'STARTING', reason: 'Its worker began again and starts it from the newest checkpoint.' },
    workerRunning: 'stay',
    workerRestarting: { to: 'RESTARTING', reason: 'An attempt failed; the worker starts the next one.' },
    resume: 'stay',
  },
  RESTARTING: {
    ...finished,
    ...lostForGood,
    ...endAsked,
    workerStarting: 'stay',
    workerRestarting: 'stay',
    workerRunning: { to: 'RUNNING', reason: 'The next attempt runs.' },
    workerLost: 'stay',
    resume: 'stay',
  },
  SUSPENDING: {
    ...finished,
    ...underWay,
    workerSuspended: { to: 'SUSPENDED', reason: 'The savepoint is taken.' },
    workerLost: { to: 'SUSPENDED', reason: 'Its worker was lost before the savepoint; the newest checkpoint stands.' },
    suspend: 'stay',
    stop: { to: 'STOPPING', reason: 'A user asked to stop it.' },
    cancel: { to: 'CANCELLING', reason: 'A user asked to cancel it.' },
    replace: { to: 'STOPPING', reason: 'A newer deployment takes its place.' },
  },
  SUSPENDED: {
    workerSuspended: 'stay',
    suspend: 'stay',
    resume: { to: 'PENDING', reason: 'A user asked to resume it.' },
    stop: { to: 'STOPPED', reason: 'A user asked to stop it; its savepoint stands.' },
    cancel: { to: 'CANCELLED', reason: 'A user asked to cancel it.' },
    replace: { to: 'STOPPED', reason: 'A newer deployment took its place; its savepoint stands.' },
    workersExhausted: 'stay',
  },
  STOPPING: {
    ...finished,
    ...underWay,
    workerStopped: { to: 'STOPPED', reason: 'The savepoint is taken and every result is written.' },
    workerSuspended: { to: 'STOPPED', reason: 'The savepoint of the suspend before it stands.' },
    workerDrained: { to: 'STOPPED', reason: 'It was drained before it could be stopped.' },
    workerLost: { to: 'STOPPED', reason: 'Its worker was lost before the savepoint; the newest checkpoint stands.' },
    stop: 'stay',
    cancel: { to: 'CANCELLING', reason: 'A user asked to cancel it.' },
    replace: 'stay',
  },
  DRAINING: {
    ...finished,
    ...underWay,
    ...lostForGood,
    workerDrained: { to: 'STOPPED', reason: 'Every window was fired and every result is written.' },
    workerLost: 'stay',
    drain: 'stay',
    stop: { to: 'STOPPING', reason: 'A user asked to stop it.' },
    cancel: { to: 'CANCELLING', reason: 'A user asked to cancel it.' },
    replace: 'stay',
  },
  CANCELLING: {
    ...finished,
    ...underWay,
    workerCancelled: { to: 'CANCELLED', reason: 'The worker ended it.' },
    workerSuspended: { to: 'CANCELLED', reason: 'It was suspended before it could be cancelled.' },
    workerStopped: { to: 'CANCELLED', reason: 'It was stopped before it could be cancelled.' },
    workerDrained: { to: 'CANCELLED', reason: 'It was drained before it could be cancelled.' },
    workerLost: { to: 'CANCELLED', reason: 'Its worker ended.' },
    cancel: 'stay',
    replace: 'stay',
  },
  STOPPED: { stop: 'stay' },
  CANCELLED: { cancel: 'stay' },
  FINISHED: {},
  FAILED: {},
} as const satisfies Record<DeploymentState, Row>

/** What an event does in a state; undefined where it is not expected: a verb is then refused, a report is an error. */
export function transitionOf(from: DeploymentState, event: LifecycleEvent): Transition | 'stay' | undefined {
  const row: Row = deploymentLifecycle[from]
  return row[event]
}

/** The verbs that bring a deployment in this state further. */
export function possibleVerbs(state: DeploymentState): readonly LifecycleVerb[] {
  return lifecycleVerbs.filter((verb) => {
    const transition = transitionOf(state, verb)
    return transition !== undefined && transition !== 'stay'
  })
}

/** The lifecycle as a Mermaid state diagram; edges between the same two states share an arrow. */
export function lifecycleDiagram(): string {
  const lines = ['stateDiagram-v2', '  [*] --> PENDING: deploy']
  for (const from of deploymentStates) {
    const labels = new Map<DeploymentState, string[]>()
    for (const event of lifecycleEvents) {
      const transition = transitionOf(from, event)
      if (transition === undefined || transition === 'stay') continue
      labels.set(transition.to, [...(labels.get(transition.to) ?? []), event])
    }
    for (const [to, events] of labels) lines.push(`  ${from} --> ${to}: ${events.join(', ')}`)
    if (Object.keys(deploymentLifecycle[from]).length <= 1) lines.push(`  ${from} --> [*]`)
  }
  return lines.join('\n')
}
