import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { folderDisk } from '../checkpoint/segment-disk.ts'
import { RestoredSegments } from '../checkpoint/restored-segments.ts'
import type { ResolvedOptions } from '../deployment-options.ts'

/** Those of this process that are in use. */
const used = new Set<string>()

/** A deployment's part of the folder for state on disk. Nothing in it outlives the process. */
export interface StateFolder {
  /** The deployment's options, with the folder for its slots; the same where state is in memory. */
  readonly options: ResolvedOptions
  readonly restoredSegments: RestoredSegments
  /** Once no slot runs: removes what those of the attempt that is over have left. */
  clear(): Promise<void>
  close(): Promise<void>
}

/**
 * Also removes what deployments of dead processes have left.
 * @throws LF_STATE_DISK
 */
export async function openStateFolder(options: ResolvedOptions): Promise<StateFolder> {
  if (options.stateBackend !== 'disk') {
    const nothing = (): Promise<void> => Promise.resolve()
    return { options, restoredSegments: new RestoredSegments(undefined), clear: nothing, close: nothing }
  }
  const { jobName, stateFolder } = options
  const name = `${process.pid}-${randomBytes(8).toString('hex')}`
  const own = join(stateFolder, name)
  const slots = join(own, 'slots')
  used.add(name)
  try {
    await removeLeftOver(stateFolder)
    await mkdir(slots, { recursive: true })
  } catch (thrown) {
    used.delete(name)
    throw new LightflusError(
      'LF_STATE_DISK',
      `Job ${jobName}: the folder for its state on disk, ${stateFolder}, cannot be used: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      { details: { job: jobName, folder: stateFolder }, cause: thrown },
    )
  }
  return {
    options: { ...options, stateFolder: slots },
    restoredSegments: new RestoredSegments(folderDisk(join(own, 'restored'))),
    clear: () => rm(slots, { recursive: true, force: true }),
    async close() {
      await rm(own, { recursive: true, force: true })
      used.delete(name)
    },
  }
}

/** Only what has a name as given here. */
async function removeLeftOver(stateFolder: string): Promise<void> {
  await mkdir(stateFolder, { recursive: true })
  for (const name of await readdir(stateFolder)) {
    const pid = /^(\d+)-[0-9a-f]{16}$/.exec(name)?.[1]
    if (pid === undefined || used.has(name) || isOther(Number(pid))) continue
    await rm(join(stateFolder, name), { recursive: true, force: true })
  }
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
