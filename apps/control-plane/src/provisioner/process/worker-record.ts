import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { processIdentitySchema } from './process-identity.ts'

/**
 * What is known of one worker, on disk in its folder, so that any later control plane can adopt or remove it. It holds
 * no token: the worker has it in its environment and the control plane derives it.
 */
export const workerRecordSchema = z.object({
  workerId: z.uuid(),
  tenantId: z.string(),
  tenantName: z.string(),
  placement: z.enum(['shared', 'dedicated']),
  /** The process that was started last, whether or not it still runs; null before the first start. */
  process: processIdentitySchema.nullable(),
  /** How it ended, as far as anyone saw; null while it runs. */
  ended: z.string().nullable(),
})
export type WorkerRecord = z.infer<typeof workerRecordSchema>

/** The folders of all workers of one platform, by worker id. */
export class WorkerFolders {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  /** All that belongs to one worker: its record, its output and its own writable folder. */
  of(workerId: string): string {
    return join(this.root, workerId)
  }

  /** The one folder that the worker itself may write. */
  ownOf(workerId: string): string {
    return join(this.of(workerId), 'own')
  }

  logOf(workerId: string): string {
    return join(this.of(workerId), 'output.log')
  }

  /** Held while a worker is being started, so that two control planes do not start it twice. */
  startLockOf(workerId: string): string {
    return join(this.of(workerId), 'starting')
  }

  async make(workerId: string): Promise<void> {
    await mkdir(join(this.ownOf(workerId), 'tmp'), { recursive: true, mode: 0o700 })
  }

  async remove(workerId: string): Promise<void> {
    await rm(this.of(workerId), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }

  async list(): Promise<readonly string[]> {
    try {
      return await readdir(this.root)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  /** Null where there is none, or none that can be read: such a worker counts as not placed. */
  async read(workerId: string): Promise<WorkerRecord | null> {
    let text: string
    try {
      text = await readFile(join(this.of(workerId), 'worker.json'), 'utf8')
    } catch {
      return null
    }
    const parsed = workerRecordSchema.safeParse(parseJson(text))
    return parsed.success && parsed.data.workerId === workerId ? parsed.data : null
  }

  /** Replaces the record whole: a reader sees the old one or the new one. */
  async write(record: WorkerRecord): Promise<void> {
    const path = join(this.of(record.workerId), 'worker.json')
    const draft = `${path}.${process.pid}`
    await writeFile(draft, JSON.stringify(record), { mode: 0o600 })
    await rename(draft, path)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
