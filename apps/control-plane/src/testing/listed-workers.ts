import type {
  Provisioner,
  WorkerIdentity,
  WorkerObservation,
  WorkerPresence,
  WorkerSpec,
} from '../provisioner/provisioner.ts'

/**
 * A provisioner that writes down what is asked of it. Its workers have no process: a test speaks for them by the worker
 * protocol, and says how their process fares.
 */
export class ListedWorkers implements Provisioner {
  readonly kind = 'process'
  readonly #workers = new Map<string, { spec: WorkerSpec; presence: WorkerPresence; detail: string | null }>()
  readonly #listeners = new Set<Parameters<Provisioner['onChange']>[0]>()
  /** Every call that acts, in order. */
  readonly calls: string[] = []
  /** Set: every placing fails with it. */
  failure: Error | undefined

  get specs(): WorkerSpec[] {
    return [...this.#workers.values()].filter(({ presence }) => presence === 'running').map(({ spec }) => spec)
  }

  /** Ends a worker's process as a crash would. */
  crash(workerId: string, detail = 'exit code 137'): void {
    const worker = this.#workers.get(workerId)
    if (!worker) throw new Error(`there is no worker ${workerId}`)
    worker.presence = 'ended'
    worker.detail = detail
    for (const listener of this.#listeners) listener(worker.spec)
  }

  async ensureWorker(spec: WorkerSpec): Promise<void> {
    this.calls.push(`ensure ${spec.workerId}`)
    if (this.failure) throw this.failure
    if (this.#workers.get(spec.workerId)?.presence === 'running') return
    this.#workers.set(spec.workerId, { spec, presence: 'running', detail: null })
  }

  async removeWorker({ workerId }: WorkerIdentity): Promise<void> {
    this.calls.push(`remove ${workerId}`)
    this.#workers.delete(workerId)
  }

  observe(): Promise<readonly WorkerObservation[]>
  observe(worker: WorkerIdentity): Promise<readonly [WorkerObservation]>
  async observe(worker?: WorkerIdentity): Promise<readonly WorkerObservation[]> {
    if (!worker)
      return [...this.#workers.values()].map(({ spec: { workerId, tenantId }, presence, detail }) => ({
        workerId,
        tenantId,
        presence,
        detail,
      }))
    const { workerId, tenantId } = worker
    const { presence = 'absent', detail = null } = this.#workers.get(workerId) ?? {}
    return [{ workerId, tenantId, presence, detail }]
  }

  onChange(listener: Parameters<Provisioner['onChange']>[0]): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
  }
}
