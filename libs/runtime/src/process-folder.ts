import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The names of those of this process that are in use. */
const used = new Set<string>()

/** A folder with which nobody can do anything once its process has ended. */
export interface ProcessFolder {
  readonly path: string
  remove(): Promise<void>
}

/**
 * Makes a folder that is this process's alone, and removes those that this user's dead processes have left beside it.
 * @param parent made where it is not there
 * @param prefix of names, where others lie in the same folder; without `-` at its end
 * @throws errors of the file system
 */
export async function makeProcessFolder(parent: string, prefix?: string): Promise<ProcessFolder> {
  const start = prefix === undefined ? '' : `${prefix}-`
  const name = `${start}${process.pid}-${randomBytes(8).toString('hex')}`
  const path = join(parent, name)
  used.add(name)
  try {
    await mkdir(parent, { recursive: true })
    await removeLeftOver(parent, start)
    // Not recursively: it must be new. Nobody else may write what is run from it.
    await mkdir(path, { mode: 0o700 })
  } catch (thrown) {
    used.delete(name)
    throw thrown
  }
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true })
      used.delete(name)
    },
  }
}

/** Only what has a name as given here. */
async function removeLeftOver(parent: string, start: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(start)) continue
    const pid = /^(\d+)-[0-9a-f]{16}$/.exec(name.slice(start.length))?.[1]
    if (pid === undefined || used.has(name) || isOther(Number(pid))) continue
    const path = join(parent, name)
    if (await isOurs(path)) await rm(path, { recursive: true, force: true })
  }
}

/** Among temporary files anybody may make a folder of such a name. */
async function isOurs(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  return stats !== undefined && stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid())
}

/** Another process that lives. In containers a process that is started again has the number of the one before. */
function isOther(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    // Somebody else's.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
