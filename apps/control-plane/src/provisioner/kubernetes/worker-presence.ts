import type { V1ContainerStateTerminated, V1ContainerStatus, V1Pod, V1StatefulSet } from '@kubernetes/client-node'
import type { WorkerPresence } from '../provisioner.ts'
import { workerContainer } from './worker-objects.ts'

export interface SeenWorker {
  readonly statefulSet: V1StatefulSet | null
  readonly pod: V1Pod | null
}

export interface Presence {
  readonly presence: WorkerPresence
  readonly detail: string | null
}

/**
 * What a worker's StatefulSet and pod say about it. A container that has crashed is `ended` although the node would
 * start it again after a while: the reconciler counts the loss and sets the pace.
 *
 * @param image the image that workers are given now: a pod that waits for another one in vain is `ended`, so that it
 * is placed anew once the setting is mended
 */
export function presenceOf({ statefulSet, pod }: SeenWorker, image: string): Presence {
  if (!statefulSet && !pod) return { presence: 'absent', detail: null }
  if (!statefulSet || statefulSet.metadata?.deletionTimestamp) return { presence: 'ended', detail: 'is being removed' }
  if (!pod) return { presence: 'starting', detail: 'waits for its pod' }
  const { phase, reason, message } = pod.status ?? {}
  const status = pod.status?.containerStatuses?.find(({ name }) => name === workerContainer)
  if (pod.metadata?.deletionTimestamp) return leaving(status)
  if (phase === 'Failed' || phase === 'Succeeded')
    return { presence: 'ended', detail: reason ? sentence(reason, message) : (endOf(status) ?? `its pod is ${phase}`) }
  const seen = status ? ofContainer(status) : { presence: 'starting' as const, detail: unscheduled(pod) }
  if (seen.presence === 'starting' && isStuck(status) && imageOf(pod) !== image)
    return { presence: 'ended', detail: `${seen.detail}; the image is ${image} by now` }
  return seen
}

/** A pod that goes while its StatefulSet stays was evicted, or removed to be started anew: another one follows. */
function leaving(status: V1ContainerStatus | undefined): Presence {
  if (status?.state?.running) return { presence: 'running', detail: 'its pod is being moved' }
  return { presence: 'starting', detail: 'waits for its next pod' }
}

function ofContainer(status: V1ContainerStatus): Presence {
  const { state, lastState, restartCount } = status
  if (state?.running) {
    const last = restartCount > 0 ? lastState?.terminated : undefined
    return {
      presence: 'running',
      detail: last ? `started again ${restartCount} times, last after ${howEnded(last)}` : null,
    }
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

/** Waits for something that will not come by itself. */
function isStuck(status: V1ContainerStatus | undefined): boolean {
  return /Image|CreateContainer/.test(status?.state?.waiting?.reason ?? '')
}

function imageOf(pod: V1Pod): string | undefined {
  return pod.spec?.containers.find(({ name }) => name === workerContainer)?.image
}

function sentence(reason: string, message: string | undefined): string {
  return message ? `${reason}: ${message}` : reason
}
