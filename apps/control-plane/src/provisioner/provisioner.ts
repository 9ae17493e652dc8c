/** The token under which the one provisioner of a control plane is injected. */
export const PROVISIONER = Symbol('Provisioner')

/** Names a worker to a provisioner. */
export interface WorkerIdentity {
  /** UUID. A worker keeps it however often its process or pod is started again. */
  readonly workerId: string
  readonly tenantId: string
  /** For names and labels that people read (`lf-<tenant>`); fits a Kubernetes label. */
  readonly tenantName: string
}

/** All that is needed to have a worker: the same each time it is asked for, unless the tenant's deployments changed. */
export interface WorkerSpec extends WorkerIdentity {
  readonly placement: 'shared' | 'dedicated'
  /**
   * What the worker shows at `/worker/v1`. Derived from worker and key, so it is the same after a restart of the
   * control plane; the driver may compare its hash with that of a worker it finds, but stores and logs it nowhere
   * that others read.
   */
  readonly token: string
  /** Where the worker reaches the control plane, without a slash at its end: `http://127.0.0.1:4400`. */
  readonly controlPlaneUrl: string
  /** Sum of the parallelism of its deployments; at least 1. Sizes CPU and memory where a driver limits them. */
  readonly slots: number
  /** Heap limit of one slot, bytes. */
  readonly slotHeapBytesMax: number
  /** Where checkpoints of its deployments lie: folders, which must be writable for the worker, and only those; or s3:// */
  readonly checkpointLocations: readonly string[]
}

/**
 * `absent`: nothing is there. `starting`: placed, not yet running (a pod without a node, an image being fetched).
 * `running`: its process or pod runs, which says nothing about whether it works: that is known from its syncs.
 * `ended`: it ran and is over; `ensureWorker` starts it again.
 */
export type WorkerPresence = 'absent' | 'starting' | 'running' | 'ended'

export interface WorkerObservation {
  readonly workerId: string
  readonly tenantId: string
  readonly presence: WorkerPresence
  /** Why, in words for the tenant: `exit code 137`, `ImagePullBackOff`; null where there is nothing to say. */
  readonly detail: string | null
  /**
   * Since when it runs, milliseconds since 1970, where that may be long after it was asked for (an image had to be
   * fetched, a node to be found). Absent: since it was asked for, or it does not run.
   */
  readonly runningSince?: number
}

/**
 * Places and removes workers. Two drivers: child processes of this machine, and pods of a Kubernetes cluster; one
 * contract suite holds for both. The reconciler alone calls it, and calls it again and again.
 *
 * Clauses, asserted by the contract suite:
 * 1. `ensureWorker` is idempotent by `workerId`: twice, or from two control planes at once, gives one worker.
 * 2. `ensureWorker` of a worker that `ended` starts it again; of one that runs leaves its process alone, whatever
 *    else of its spec changed (a new size holds from its next start).
 * 3. `removeWorker` is idempotent; when it resolves, the worker cannot start again by itself. It first asks the worker
 *    to end (SIGTERM) and ends it after a grace time of at most {@link removeGraceMs}.
 * 4. `observe` never acts. Without an argument it lists every worker this platform has placed, including those that
 *    a control plane placed which is no longer there.
 * 5. Both `ensureWorker` and `removeWorker` resolve when the act is done or safely under way; neither waits for the
 *    worker to work.
 *
 * Failures are thrown as LightflusError (`LF_PROVISIONER_FAILED` where nothing more special fits); the caller tries
 * again later.
 */
export interface Provisioner {
  readonly kind: 'process' | 'kubernetes'
  ensureWorker(spec: WorkerSpec): Promise<void>
  removeWorker(worker: WorkerIdentity): Promise<void>
  observe(): Promise<readonly WorkerObservation[]>
  observe(worker: WorkerIdentity): Promise<readonly [WorkerObservation]>
  /**
   * Called with a worker whose presence changed, as soon as the driver knows. Only a wake-up: it may be missed or
   * repeated. Returns what ends it.
   */
  onChange(listener: (worker: { readonly workerId: string; readonly tenantId: string }) => void): () => void
  /** Lets go of what the driver holds here (watches, timers). Workers live on: the next control plane adopts them. */
  close(): Promise<void>
}

/** How long a worker that is removed may take to end by itself, milliseconds. */
export const removeGraceMs = 10_000
