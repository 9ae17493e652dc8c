import { open, rm, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { LightflusError } from '@lightflus/api'

/** What a holder does takes a request or two; a lock older than this was left by a process that is gone. */
const heldMsMax = 30_000
const retryMs = 50

/**
 * Runs `work` while no other process of this user does it for the same path: a file made by create-if-absent.
 * @throws LF_CLI_CONTEXTS when the lock cannot be had for longer than anybody may hold it.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  const deadline = performance.now() + 2 * heldMsMax
  while (!(await acquired(lock))) {
    if (performance.now() > deadline)
      throw new LightflusError('LF_CLI_CONTEXTS', `${lock} has been held for too long.`, {
        nextStep: 'Delete that file if no other lightflus command runs.',
      })
    await pause(retryMs)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function acquired(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx')).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const found = await stat(lock).catch(() => undefined)
  if (found && Date.now() - found.mtimeMs > heldMsMax) await rm(lock, { force: true })
  return false
}
