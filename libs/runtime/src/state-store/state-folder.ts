import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { folderDisk } from '../checkpoint/segment-disk.ts'
import { RestoredSegments } from '../checkpoint/restored-segments.ts'
import type { ResolvedOptions } from '../deployment-options.ts'
import { makeProcessFolder, type ProcessFolder } from '../process-folder.ts'

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
  let own: ProcessFolder
  try {
    own = await makeProcessFolder(stateFolder)
  } catch (thrown) {
    throw new LightflusError(
      'LF_STATE_DISK',
      `Job ${jobName}: the folder for its state on disk, ${stateFolder}, cannot be used: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      { details: { job: jobName, folder: stateFolder }, cause: thrown },
    )
  }
  const slots = join(own.path, 'slots')
  return {
    options: { ...options, stateFolder: slots },
    restoredSegments: new RestoredSegments(folderDisk(join(own.path, 'restored'))),
    clear: () => rm(slots, { recursive: true, force: true }),
    close: () => own.remove(),
  }
}
