import type {
  V1ContainerStateRunning,
  V1ContainerStateTerminated,
  V1ContainerStatus,
  V1Pod,
  V1StatefulSet,
} from '@kubernetes/client-node'
import type { WorkerPresence } from '../provisioner.ts'
import { settingsAnnotation } from './names.ts'
import { workerContainer } from './worker-objects.ts'

export interface SeenWorker {
  readonly statefulSet: V1StatefulSet | null
  readonly pod: V1Pod | null
}

export interface Presence {
  readonly presence: WorkerPresence
  readonly detail: string | null
  /** Milliseconds since 1970; where it runs. */
  readonly runningSince?: number
}

/**
 * What a worker's StatefulSet and pod say about it. A container that has crashed is `ended` although the node would
 * start it again after a while: the reconciler counts the loss and sets the pace.
 *
 * @param settings those by which workers are placed now: a pod that was made by others and cannot start is `ended`, so
 * that it is placed anew once a setting is mended
 */
export function presenceOf({ statefulSet, pod }: SeenWorker, settings: string): Presence {
  if (!statefulSet && !pod) return { presence: 'absent', detail: null }
  if (!statefulSet || statefulSet.metadata?.deletionTimestamp) return { presence: 'ended', detail: 'is being removed' }
  if (!pod) return { presence: 'starting', detail: 'waits for its pod' }
  const { phase, reason, message } = pod.status ?? {}
  const status = pod.status?.containerStatuses?.find(({ name }) => name === workerContainer)
  if (pod.metadata?.deletionTimestamp) return leaving(status)
  if (phase === 'Failed' || phase === 'Succeeded')
    return { presence: 'ended', detail: reason ? sentence(reason, message) : (endOf(status) ?? `its pod is ${phase}`) }
  const seen = status ? ofContainer(status) : { presence: 'starting' as const, detail: unscheduled(pod) }
  if (
    seen.presence === 'starting' &&
    isStuck(pod, status) &&
    pod.metadata?.annotations?.[settingsAnnotation] !== settings
  )
    return { presence: 'ended', detail: `${seen.detail}; the platform’s settings are others by now` }
  return seen
}

/** A pod that goes while its StatefulSet stays was evicted, or removed to be started anew: another one follows. */
function leaving(status: V1ContainerStatus | undefined): Presence {
  if (status?.state?.running) return running(status.state.running, 'its pod is being moved')
  return { presence: 'starting', detail: 'waits for its next pod' }
}

function ofContainer(status: V1ContainerStatus): Presence {
  const { state, lastState, restartCount } = status
  if (state?.running) {
    const last = restartCount > 0 ? lastState?.terminated : undefined
    return running(state.running, last ? `started again ${restartCount} times, last after ${howEnded(last)}` : null)
  }
  const end = endOf(status)
  if (end !== null) return { presence: 'ended', detail: end }
  const waiting = state?.waiting
  const isOnItsWay = !waiting?.reason || waiting.reason === 'ContainerCreating' || waiting.reason === 'PodInitializing'
  return { presence: 'starting', detail: isOnItsWay ? null : sentence(waiting.reason!, waiting.message) }
}

/** How a container's last life was over; null when it has not had one, or has begun another. */
function endOf(status: V1ContainerStatus | undefined): string | null {
  if (!status || status.state?.running) return null
  const ended = status.state?.terminated ?? status.lastState?.terminated
  return ended ? howEnded(ended) : null
}

function howEnded({ exitCode, signal, reason }: V1ContainerStateTerminated): string {
  const how = signal ? `signal ${signal}` : `exit code ${exitCode}`
  return reason && reason !== 'Error' && reason !== 'Completed' ? `${how} (${reason})` : how
}

function unscheduled(pod: V1Pod): string | null {
  const condition = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  return condition ? sentence(condition.reason ?? 'Unschedulable', condition.message) : null
}

/** Waits for something that may never come: a node, an image, a command that is there. */
function isStuck(pod: V1Pod, status: V1ContainerStatus | undefined): boolean {
  return unscheduled(pod) !== null || /Image|CreateContainer/.test(status?.state?.waiting?.reason ?? '')
}

function running({ startedAt }: V1ContainerStateRunning, detail: string | null): Presence {
  return { presence: 'running', detail, ...(startedAt ? { runningSince: new Date(startedAt).getTime() } : {}) }
}

function sentence(reason: string, message: string | undefined): string {
  return message ? `${reason}: ${message}` : reason
}
