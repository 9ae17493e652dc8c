import { readFile, rm, writeFile } from 'node:fs/promises'
import { identifyProcess, isRunning, processIdentitySchema } from './process-identity.ts'

/**
 * Runs `work` while holding a lock file that only one process can make. Null: another process that still runs holds it.
 * A lock whose holder is gone is broken.
 */
export async function withLockFile<T>(path: string, work: () => Promise<T>): Promise<T | null> {
  if (!(await take(path))) return null
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  const own = JSON.stringify(await identifyProcess(process.pid))
  for (let tries = 0; tries < 2; tries++) {
    try {
      await writeFile(path, own, { flag: 'wx', mode: 0o600 })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (await isHeld(path)) return false
    await rm(path, { force: true })
  }
  return false
}

/** An unreadable lock counts as held: its holder may be about to write it. It is read again at the next try. */
async function isHeld(path: string): Promise<boolean> {
  try {
    const holder = processIdentitySchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    return !holder.success || (await isRunning(holder.data))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
