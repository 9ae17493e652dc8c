import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { toLightflusError } from '@lightflus/api'
import { checkpointFolders } from '../checkpoint-folders.ts'
import {
  type Provisioner,
  removeGraceMs,
  type WorkerIdentity,
  type WorkerObservation,
  type WorkerSpec,
} from '../provisioner.ts'
import { boundLog, openLog } from './bounded-log.ts'
import { endProcess, identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts'
import { withLockFile } from './start-lock.ts'
import { tenantFiles, type WorkerProgram, workerCommand } from './worker-command.ts'
import { WorkerFolders, type WorkerRecord } from './worker-record.ts'

export interface ProcessProvisionerOptions {
  /** Folder of all workers' folders; made when it is not there. A second control plane on it adopts its workers. */
  readonly folder: string
  readonly program: WorkerProgram
}

/** How often workers that were not started here are looked at, and logs are bounded; milliseconds. */
const watchIntervalMs = 1_000
const logIntervalMs = 5_000

type Listener = Parameters<Provisioner['onChange']>[0]

/**
 * Places workers as processes of this machine, each the leader of its own session, so neither a Ctrl-C in the terminal
 * nor the end of the control plane reaches them. What is needed to adopt them lies in their folders.
 */
export class ProcessProvisioner implements Provisioner {
  readonly kind = 'process'
  readonly #program: WorkerProgram
  readonly #folders: WorkerFolders
  readonly #listeners = new Set<Listener>()
  /** Calls for one worker wait for each other. */
  readonly #turns = new Map<string, Promise<unknown>>()
  /** Workers seen running. The exit of an adopted one raises no event, so it is looked at until it has ended. */
  readonly #running = new Map<string, { readonly process: ProcessIdentity; readonly adopted: boolean }>()
  readonly #timers: readonly NodeJS.Timeout[]
  #closed = false

  /** @throws LF_PROVISIONER_FAILED when the folder cannot be made. */
  static async open(options: ProcessProvisionerOptions): Promise<ProcessProvisioner> {
    await attempt('prepare the folder of workers', () => mkdir(options.folder, { recursive: true, mode: 0o700 }))
    const provisioner = new ProcessProvisioner(options)
    await provisioner.observe()
    return provisioner
  }

  private constructor(options: ProcessProvisionerOptions) {
    this.#program = options.program
    this.#folders = new WorkerFolders(options.folder)
    this.#timers = [
      setInterval(() => void this.#watch(), watchIntervalMs).unref(),
      setInterval(() => void this.#boundLogs(), logIntervalMs).unref(),
    ]
  }

  async ensureWorker(spec: WorkerSpec): Promise<void> {
    await this.#inTurn(spec.workerId, () =>
      attempt(`start the worker of tenant ${spec.tenantName}`, async () => {
        const record = await this.#folders.read(spec.workerId)
        if (record?.process && (await isRunning(record.process))) return
        await this.#folders.make(spec.workerId)
        await withLockFile(this.#folders.startLockOf(spec.workerId), () => this.#ensure(spec))
      }),
    )
  }

  async removeWorker(worker: WorkerIdentity): Promise<void> {
    await this.#inTurn(worker.workerId, () =>
      attempt(`end the worker of tenant ${worker.tenantName}`, async () => {
        const record = await this.#folders.read(worker.workerId)
        if (record?.process) await endProcess(record.process, removeGraceMs)
        await this.#folders.remove(worker.workerId)
        this.#running.delete(worker.workerId)
      }),
    )
    this.#notify(worker)
  }

  observe(): Promise<readonly WorkerObservation[]>
  observe(worker: WorkerIdentity): Promise<readonly [WorkerObservation]>
  async observe(worker?: WorkerIdentity): Promise<readonly WorkerObservation[]> {
    if (worker) {
      const record = await this.#folders.read(worker.workerId)
      const { workerId, tenantId } = worker
      return [record ? await this.#observation(record) : { workerId, tenantId, presence: 'absent', detail: null }]
    }
    const ids = await attempt('list the workers', () => this.#folders.list())
    const records = await Promise.all(ids.map((id) => this.#folders.read(id)))
    return Promise.all(records.filter((record) => record !== null).map((record) => this.#observation(record)))
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) clearInterval(timer)
    this.#listeners.clear()
    await Promise.allSettled(this.#turns.values())
  }

  async #ensure(spec: WorkerSpec): Promise<void> {
    const record = await this.#folders.read(spec.workerId)
    if (!record?.process || !(await isRunning(record.process))) await this.#start(spec)
  }

  /** Starts the process behind the launcher's gate, records it, and only then lets it go. */
  async #start(spec: WorkerSpec): Promise<void> {
    const { workerId, tenantId, tenantName, placement } = spec
    const own = this.#folders.ownOf(workerId)
    const { command, args, env, cwd } = workerCommand(spec, this.#program, own, process.env)
    for (const folder of [...checkpointFolders(spec), tenantFiles(spec, this.#program)])
      await mkdir(folder, { recursive: true, mode: 0o700 })
    const log = await openLog(this.#folders.logOf(workerId))
    let child: ChildProcess
    try {
      child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', log.fd, log.fd] })
      await once(child, 'spawn')
    } finally {
      await log.close()
    }
    const identity = await identifyProcess(child.pid!)
    if (!identity) throw new Error('it ended before it had begun')
    await this.#folders.write({ workerId, tenantId, tenantName, placement, process: identity, ended: null })
    child.stdin!.on('error', () => undefined)
    child.stdin!.end('go\n')
    child.unref()
    this.#running.set(workerId, { process: identity, adopted: false })
    child.once('exit', (code, signal) => {
      void this.#ended(workerId, identity, signal ? `ended by ${signal}` : `exit code ${code}`)
    })
    this.#notify(spec)
  }

  async #ended(workerId: string, identity: ProcessIdentity, how: string): Promise<void> {
    if (this.#closed || this.#running.get(workerId)?.process.start !== identity.start) return
    this.#running.delete(workerId)
    await this.#inTurn(workerId, async () => {
      const record = await this.#folders.read(workerId)
      if (record?.process?.start !== identity.start) return
      await this.#folders.write({ ...record, ended: how })
      this.#notify(record)
    }).catch(() => undefined)
  }

  async #observation(record: WorkerRecord): Promise<WorkerObservation> {
    const { workerId, tenantId } = record
    if (record.process && (await isRunning(record.process))) {
      if (!this.#running.has(workerId)) this.#running.set(workerId, { process: record.process, adopted: true })
      return { workerId, tenantId, presence: 'running', detail: null }
    }
    return { workerId, tenantId, presence: 'ended', detail: record.ended ?? 'ended unseen' }
  }

  async #watch(): Promise<void> {
    for (const [workerId, { process, adopted }] of this.#running) {
      if (adopted && !(await isRunning(process))) await this.#ended(workerId, process, 'ended unseen')
    }
  }

  async #boundLogs(): Promise<void> {
    for (const workerId of this.#running.keys()) await boundLog(this.#folders.logOf(workerId)).catch(() => undefined)
  }

  #notify({ workerId, tenantId }: { readonly workerId: string; readonly tenantId: string }): void {
    for (const listener of this.#listeners) listener({ workerId, tenantId })
  }

  async #inTurn<T>(workerId: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(workerId) ?? Promise.resolve()).then(work, work)
    this.#turns.set(workerId, turn)
    try {
      return await turn
    } finally {
      if (this.#turns.get(workerId) === turn) this.#turns.delete(workerId)
    }
  }
}

async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw toLightflusError(error, 'LF_PROVISIONER_FAILED', `Could not ${what}: ${reason}.`)
  }
}
