import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { endProcess, processIdentitySchema, signalProcess } from '../provisioner/process/process-identity.ts'
import { WorkerFolders } from '../provisioner/process/worker-record.ts'

const partsSchema = z.object({
  controlPlane: processIdentitySchema.nullable(),
  postgres: processIdentitySchema.nullable(),
})
/** The processes of a platform's parts, as last started. */
export type PartProcesses = z.infer<typeof partsSchema>

const graceMs = 10_000

/** Keeps on disk what the next start has to end if this platform is killed. */
export async function rememberParts(folder: string, parts: PartProcesses): Promise<void> {
  const draft = `${partsPath(folder)}.new`
  await writeFile(draft, JSON.stringify(parts), { mode: 0o600 })
  await rename(draft, partsPath(folder))
}

/**
 * Ends what an earlier platform of this folder left running because it was killed. Its workers stay: they are consistent
 * without it, and the control plane adopts them. The caller holds the folder's lock.
 */
export async function endLeftovers(folder: string): Promise<void> {
  const text = await readFile(partsPath(folder), 'utf8').catch(() => 'null')
  const parts = partsSchema.safeParse(parseJson(text)).data
  if (parts?.controlPlane) await endProcess(parts.controlPlane, graceMs)
  if (parts?.postgres) await endProcess(parts.postgres, graceMs, 'SIGINT')
  await rm(partsPath(folder), { force: true })
}

/**
 * Ends every worker: each takes savepoints first, as far as the time allows. The control plane has ended before, or it
 * would start them again.
 */
export async function endWorkers(folder: string): Promise<void> {
  const folders = new WorkerFolders(join(folder, 'workers'))
  await Promise.all(
    (await folders.list()).map(async (workerId) => {
      const record = await folders.read(workerId)
      if (!record?.process) return
      await endProcess(record.process, graceMs)
      if (record.ended === null) await folders.write({ ...record, ended: 'ended with the platform' })
    }),
  )
}

/**
 * Kills every worker, for an end under way that takes too long. It leaves the records to that end: two writers of one
 * record would be in each other's way.
 */
export async function killWorkers(folder: string): Promise<void> {
  const folders = new WorkerFolders(join(folder, 'workers'))
  for (const workerId of await folders.list()) {
    const record = await folders.read(workerId)
    if (record?.process) await signalProcess(record.process, 'SIGKILL')
  }
}

function partsPath(folder: string): string {
  return join(folder, 'parts.json')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
