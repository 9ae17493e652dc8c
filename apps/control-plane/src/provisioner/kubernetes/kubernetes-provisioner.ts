import { setTimeout as pause } from 'node:timers/promises'
import { isLightflusError } from '@lightflus/api'
import type { V1Namespace, V1PersistentVolumeClaim, V1Pod, V1StatefulSet } from '@kubernetes/client-node'
import type { KubernetesConfig } from '../../config/kubernetes-config.ts'
import { usesObjectStore } from '../checkpoint-folders.ts'
import {
  type Provisioner,
  removeGraceMs,
  type WorkerIdentity,
  type WorkerObservation,
  type WorkerSpec,
} from '../provisioner.ts'
import type { Cluster, ObjectName } from './cluster.ts'
import { statusCodeOf } from './cluster-error.ts'
import { tenantNamespace, workerName, workerOf, workersSelector } from './names.ts'
import { ResumingWatch } from './resuming-watch.ts'
import { checkpointClaimObject, tenantObjects } from './tenant-objects.ts'
import { assertPlaceable, type Observed } from './validate-worker.ts'
import { ownedObjects, podObject, settingsOf, statefulSetObject } from './worker-objects.ts'
import { presenceOf, type SeenWorker } from './worker-presence.ts'

export interface KubernetesProvisionerOptions {
  readonly cluster: Cluster
  readonly config: KubernetesConfig
  /** See {@link ResumingWatch}. */
  readonly watchSeconds?: number
}

type Listener = Parameters<Provisioner['onChange']>[0]

const pollMs = 200
/** How long it may take until a new namespace's quota is counted; milliseconds. */
const countingMsMax = 10_000
/** Beyond its grace, a pod that is still there is on a node that does not answer; milliseconds. */
const silentNodeMs = 15_000
/** How long the cluster's own bookkeeping may take after the pod is gone; milliseconds. */
const collectionMsMax = 15_000

/**
 * Places workers as pods: one StatefulSet for each worker, in its tenant's namespace. Every act is observe, validate,
 * reconcile: look at what is there, see that nothing stands against it, then apply what is wanted. All of it can be
 * repeated, also by another control plane at the same time. Nothing is kept in between: the cluster is the memory.
 */
export class KubernetesProvisioner implements Provisioner {
  readonly kind = 'kubernetes'
  readonly #cluster: Cluster
  readonly #config: KubernetesConfig
  readonly #settings: string
  readonly #listeners = new Set<Listener>()
  readonly #watch: ResumingWatch<V1Pod>

  /** Does not wait for the cluster: a control plane has to answer also while Kubernetes does not. */
  constructor({ cluster, config, watchSeconds }: KubernetesProvisionerOptions) {
    this.#cluster = cluster
    this.#config = config
    this.#settings = settingsOf(config)
    const labelSelector = workersSelector(config.platform)
    this.#watch = new ResumingWatch<V1Pod>({
      newWatch: () => cluster.watch(),
      path: '/api/v1/pods',
      labelSelector,
      listVersion: () => cluster.podsVersion(labelSelector),
      onObject: (pod) => this.#notify(pod),
      onGap: () => void this.#notifyAll(),
      ...(watchSeconds === undefined ? {} : { watchSeconds }),
    })
  }

  async ensureWorker(spec: WorkerSpec): Promise<void> {
    const observed = await this.#observed(spec)
    assertPlaceable(spec, observed, this.#config)
    await this.#ensureTenant(spec)
    if (!observed.pod) await this.#checkPod(spec)
    const statefulSet = await this.#cluster.apply(statefulSetObject(spec, this.#config))
    // After their owner, so that they are removed with it whatever happens in between; the pod waits for its token.
    for (const object of ownedObjects(spec, this.#config, statefulSet)) await this.#cluster.apply(object)
    const { pod } = observed
    if (pod && presenceOf(observed, this.#settings).presence === 'ended') await this.#replace(pod)
  }

  async removeWorker(worker: WorkerIdentity): Promise<void> {
    const seen = await this.#look(worker)
    if (seen.statefulSet) {
      const { uid } = seen.statefulSet.metadata!
      await this.#cluster.remove(this.#statefulSetOf(worker), { propagation: 'Foreground', uid })
    }
    const graceSeconds = Math.ceil(removeGraceMs / 1_000)
    await this.#cluster.remove(this.#podOf(worker), { graceSeconds })
    if (await this.#isGone(worker, removeGraceMs + silentNodeMs)) return
    // The node is silent. What may still run there is fenced off: its token is refused, and the job's log has another
    // claim. So its pod is forgotten, and the worker may be placed elsewhere.
    await this.#cluster.remove(this.#podOf(worker), { graceSeconds: 0 })
    await this.#isGone(worker, collectionMsMax)
  }

  observe(): Promise<readonly WorkerObservation[]>
  observe(worker: WorkerIdentity): Promise<readonly [WorkerObservation]>
  async observe(worker?: WorkerIdentity): Promise<readonly WorkerObservation[]> {
    if (worker) return [await this.#observation(worker, await this.#look(worker))]
    const selector = workersSelector(this.#config.platform)
    const [statefulSets, pods] = await Promise.all([this.#cluster.statefulSets(selector), this.#cluster.pods(selector)])
    const seen = new Map<string, SeenWorker & { readonly tenantId: string }>()
    for (const statefulSet of statefulSets) {
      const owner = workerOf(statefulSet)
      if (owner) seen.set(owner.workerId, { ...owner, statefulSet, pod: null })
    }
    for (const pod of pods) {
      const owner = workerOf(pod)
      if (owner) seen.set(owner.workerId, { statefulSet: null, ...seen.get(owner.workerId), ...owner, pod })
    }
    return Promise.all([...seen].map(([workerId, each]) => this.#observation({ workerId, ...each }, each)))
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    await this.#watch.close()
  }

  async #look(worker: WorkerIdentity): Promise<SeenWorker> {
    const [statefulSet, pod] = await Promise.all([
      this.#cluster.read<V1StatefulSet>(this.#statefulSetOf(worker)),
      this.#cluster.read<V1Pod>(this.#podOf(worker)),
    ])
    return { statefulSet, pod }
  }

  async #observed(worker: WorkerIdentity): Promise<Observed> {
    const name = tenantNamespace(this.#config.namespacePrefix, worker)
    const namespace = this.#cluster.read<V1Namespace>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    return { namespace: await namespace, ...(await this.#look(worker)) }
  }

  /** Builds the tenant's walls, or mends what was changed on them. */
  async #ensureTenant(spec: WorkerSpec): Promise<void> {
    for (const object of tenantObjects(spec, this.#config)) await this.#cluster.apply(object)
    if (usesObjectStore(spec)) return
    const claim = checkpointClaimObject(spec, this.#config)
    const isThere = async () => (await this.#cluster.read<V1PersistentVolumeClaim>(nameOf(claim))) !== null
    if (await isThere()) return
    await onceCounted(async () => {
      try {
        await this.#cluster.apply(claim)
      } catch (error) {
        // Another control plane may have been faster, and the quota allows for one only.
        if (!(await isThere())) throw error
      }
    })
  }

  /**
   * Has the cluster say at once, and to the caller, what it would otherwise only tell a controller: that a quota is
   * used up, or that Pod Security forbids the pod.
   */
  async #checkPod(spec: WorkerSpec): Promise<void> {
    try {
      await onceCounted(() => this.#cluster.check(podObject(spec, this.#config)))
    } catch (error) {
      // The pod is there by now: another control plane was faster.
      if (statusCodeOf(error) !== 409) throw error
    }
  }

  /** The node would start a crashed container again later and later; a new pod starts now, and as the spec is now. */
  async #replace({ metadata }: V1Pod): Promise<void> {
    const { name, namespace, uid } = metadata!
    await this.#cluster.remove(named('v1', 'Pod', namespace!, name!), { graceSeconds: 0, uid: uid! })
  }

  async #isGone(worker: WorkerIdentity, msMax: number): Promise<boolean> {
    const end = performance.now() + msMax
    for (;;) {
      const { statefulSet, pod } = await this.#look(worker)
      if (!statefulSet && !pod) return true
      if (performance.now() > end) return false
      await pause(pollMs)
    }
  }

  async #observation(
    { workerId, tenantId }: { readonly workerId: string; readonly tenantId: string },
    seen: SeenWorker,
  ): Promise<WorkerObservation> {
    const { presence, detail, runningSince } = presenceOf(seen, this.#settings)
    // Why there is no pod, or why it waits for its volumes, is said only by an event.
    const isUnexplained = presence === 'starting' && (!seen.pod || detail === null)
    const { namespace, uid } = (seen.pod ?? seen.statefulSet)?.metadata ?? {}
    const warning = isUnexplained && namespace && uid ? await this.#cluster.warning(namespace, uid) : null
    const since = runningSince === undefined ? {} : { runningSince }
    return { workerId, tenantId, presence, detail: warning ?? detail, ...since }
  }

  #notify(pod: V1Pod): void {
    const owner = workerOf(pod)
    if (owner) for (const listener of this.#listeners) listener(owner)
  }

  async #notifyAll(): Promise<void> {
    // What fails here is made good by the reconciler's next pass.
    const all = await this.observe().catch(() => [])
    for (const { workerId, tenantId } of all) for (const listener of this.#listeners) listener({ workerId, tenantId })
  }

  #statefulSetOf(worker: WorkerIdentity): ObjectName {
    const namespace = tenantNamespace(this.#config.namespacePrefix, worker)
    return named('apps/v1', 'StatefulSet', namespace, workerName(worker.workerId))
  }

  #podOf(worker: WorkerIdentity): ObjectName {
    const namespace = tenantNamespace(this.#config.namespacePrefix, worker)
    return named('v1', 'Pod', namespace, `${workerName(worker.workerId)}-0`)
  }
}

function named(apiVersion: string, kind: string, namespace: string, name: string): ObjectName {
  return { apiVersion, kind, metadata: { namespace, name } }
}

function nameOf({ apiVersion, kind, metadata }: V1PersistentVolumeClaim): ObjectName {
  return named(apiVersion!, kind!, metadata!.namespace!, metadata!.name!)
}

/** A quota that was just made refuses everything until what there is has been counted. */
async function onceCounted(act: () => Promise<void>): Promise<void> {
  const end = performance.now() + countingMsMax
  for (;;) {
    try {
      return await act()
    } catch (error) {
      const isUncounted = isLightflusError(error) && error.message.includes('status unknown for quota')
      if (!isUncounted || performance.now() > end) throw error
      await pause(pollMs)
    }
  }
}
