import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { LightflusError } from '@lightflus/api'
import { z } from 'zod'
import { identifyProcess, isRunning, processIdentitySchema } from '../provisioner/process/process-identity.ts'

/** Who holds a data folder: also what other commands read to find the platform that runs on it. */
export const lockSchema = processIdentitySchema.extend({ address: z.string() })
export type Lock = z.infer<typeof lockSchema>

/**
 * Makes this process the only one on a data folder and returns what gives it back. A lock whose process is gone is
 * taken over; process id and start time tell that from a stranger with the same id. Two machines (or containers) on one
 * shared folder are not told apart: there, Postgres' own lock is the last guard.
 * @throws LF_UP_ALREADY_RUNNING
 */
export async function lockFolder(folder: string, address: string): Promise<() => Promise<void>> {
  const path = lockPath(folder)
  const own: Lock = { ...(await identifyProcess(process.pid))!, address }
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 })
  try {
    // A link, unlike a new file, has its content from its first moment.
    while (!(await linked(draft, path))) await breakLock(folder, path)
  } finally {
    await rm(draft, { force: true })
  }
  return () => rm(path, { force: true })
}

/** The lock of the platform that runs on a folder now; null where none does. */
export async function readLock(folder: string): Promise<Lock | null> {
  const lock = parseLock(await readText(lockPath(folder)))
  return lock && (await isRunning(lock)) ? lock : null
}

function lockPath(folder: string): string {
  return `${folder}/lock`
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Removes a lock that nobody holds any more. It is moved aside first: when another start has replaced it meanwhile,
 * it is the new one that was moved, and it is put back.
 */
async function breakLock(folder: string, path: string): Promise<void> {
  const text = await readText(path)
  if (text === null) return
  await assertStale(folder, text)
  const aside = `${path}.broken-${randomUUID()}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = await readText(aside)
  if (moved !== text) await linked(aside, path)
  await rm(aside, { force: true })
  if (moved !== null && moved !== text) await assertStale(folder, moved)
}

async function assertStale(folder: string, text: string): Promise<void> {
  const lock = parseLock(text)
  if (!lock || !(await isRunning(lock))) return
  throw new LightflusError(
    'LF_UP_ALREADY_RUNNING',
    `A platform runs on ${folder} already (process ${lock.pid}, ${lock.address}).`,
    { details: { folder, address: lock.address } },
  )
}

function parseLock(text: string | null): Lock | null {
  try {
    return lockSchema.parse(JSON.parse(text ?? ''))
  } catch {
    return null
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
