import { constants } from 'node:fs'
import { mkdir, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Under Node's permission model `fsync` is refused: there whatever is written is synced as it is written. */
export const isRestricted = process.permission !== undefined

let markers = 0

/** Resolves when files that were made in a folder, moved into it or out of it survive a crash of the machine. */
export async function syncFolder(path: string): Promise<void> {
  if (isRestricted) return syncJournal(path)
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * The journals of ext4 and XFS keep their order: with a file that is made and synced now, all that was done to names before is
 * on the disk.
 */
async function syncJournal(folder: string): Promise<void> {
  const path = join(folder, `.lightflus-sync-${process.pid}-${Math.random().toString(36).slice(2)}-${markers++}`)
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC)
  try {
    await handle.appendFile('\n')
  } finally {
    await handle.close()
    await unlink(path)
  }
}

/** Makes a folder with all above it that are not there, durably. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let at = path; ; at = dirname(at)) {
    await syncFolder(dirname(at))
    if (at === first || dirname(at) === at) return
  }
}
