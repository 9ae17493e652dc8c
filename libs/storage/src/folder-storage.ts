import { randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { CheckpointStorage } from './checkpoint-storage.ts'
import { storageError } from './storage-error.ts'
import { assertPath, assertPrefix } from './storage-path.ts'

/** Files under way; a leading dot keeps the folder out of every path that the port allows. */
const underWay = '.under-way'
/** A file that has been under way for longer was left by a process that is gone. */
const underWayMsMax = 3_600_000
/** A folder may vanish between its making and its use, when another deletes the last file in it; so often at most. */
const folderTriesMax = 5

const isErrno = (thrown: unknown, ...codes: string[]): boolean =>
  codes.includes((thrown as NodeJS.ErrnoException | null)?.code ?? '')

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncIfThere(folder: string): Promise<void> {
  try {
    await syncFolder(folder)
  } catch (thrown) {
    if (!isErrno(thrown, 'ENOENT')) throw thrown
  }
}

/** Makes a folder with all above it, and makes their entries durable: only what is new needs it. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let at = path; ; at = dirname(at)) {
    await syncFolder(dirname(at))
    if (at === first) return
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Whether it was there. */
async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path)
    return true
  } catch (thrown) {
    if (!isErrno(thrown, 'ENOENT')) throw thrown
    return false
  }
}

async function linkIfAbsent(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path)
    return true
  } catch (thrown) {
    // Over NFS a link whose answer was lost is asked for again, and finds itself: then the file has two names.
    if (isErrno(thrown, 'EEXIST')) return (await stat(existing)).nlink === 2
    throw thrown
  }
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    try {
      if (Date.now() - (await stat(path)).mtimeMs > underWayMsMax) await removeIfThere(path)
    } catch (thrown) {
      if (!isErrno(thrown, 'ENOENT')) throw thrown
    }
  }
}

async function removeEmptyFolders(root: string, path: string): Promise<void> {
  for (let at = dirname(path); at !== '.'; at = dirname(at)) {
    try {
      await rmdir(join(root, at))
    } catch (thrown) {
      if (isErrno(thrown, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return
      throw thrown
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT')) return []
    throw thrown
  }
}

async function listInto(found: string[], root: string, path: string, prefix: string): Promise<void> {
  for (const entry of await entriesOf(join(root, path))) {
    if (entry.name.startsWith('.')) continue
    const at = path === '' ? entry.name : `${path}/${entry.name}`
    if (!at.startsWith(prefix) && !prefix.startsWith(`${at}/`)) continue
    if (entry.isDirectory()) await listInto(found, root, at, prefix)
    else if (at.startsWith(prefix)) found.push(at)
  }
}

/**
 * Keeps checkpoints in a folder, which is made when the first file is written. Each file is written under another name,
 * synced, and then takes its name: by rename where it may replace one, by a hard link where it may not, since a link
 * is the one call that is both all-or-nothing and exclusive. So the file system must know hard links.
 */
class FolderStorage implements CheckpointStorage {
  readonly location: string
  readonly durable = true
  #swept = false

  constructor(folder: string) {
    this.location = resolve(folder)
  }

  async put(path: string, bytes: Uint8Array): Promise<void> {
    assertPath(path)
    await this.#named(`Writing ${path} to`, async () => {
      const staged = await this.#stage(bytes)
      try {
        await this.#place(path, (target) => rename(staged, target))
      } catch (thrown) {
        await removeIfThere(staged)
        throw thrown
      }
    })
  }

  async createIfAbsent(path: string, bytes: Uint8Array): Promise<boolean> {
    assertPath(path)
    return this.#named(`Writing ${path} to`, async () => {
      const staged = await this.#stage(bytes)
      try {
        return await this.#place(path, (target) => linkIfAbsent(staged, target))
      } finally {
        await removeIfThere(staged)
      }
    })
  }

  async get(path: string): Promise<Uint8Array | undefined> {
    assertPath(path)
    return this.#named(`Reading ${path} from`, async () => {
      try {
        return await readFile(join(this.location, path))
      } catch (thrown) {
        if (isErrno(thrown, 'ENOENT')) return undefined
        throw thrown
      }
    })
  }

  async list(prefix: string): Promise<string[]> {
    assertPrefix(prefix)
    const found: string[] = []
    await this.#named('Listing', () => listInto(found, this.location, '', prefix))
    return found.sort()
  }

  async delete(path: string): Promise<void> {
    assertPath(path)
    await this.#named(`Deleting ${path} from`, async () => {
      const target = join(this.location, path)
      // Of the log's entries none may come back after a loss of power while an older one does not (job-log.ts, 2).
      if (await removeIfThere(target)) await syncIfThere(dirname(target))
      await removeEmptyFolders(this.location, path)
    })
  }

  async #named<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      throw storageError(`${doing} ${this.location}`, thrown)
    }
  }

  async #stage(bytes: Uint8Array): Promise<string> {
    const folder = join(this.location, underWay)
    await makeFolder(folder)
    if (!this.#swept) await sweep(folder)
    this.#swept = true
    const staged = join(folder, randomUUID())
    try {
      await writeDurably(staged, bytes)
    } catch (thrown) {
      await removeIfThere(staged)
      throw thrown
    }
    return staged
  }

  /** Runs `take`, which gives the staged file its name in a folder that is there, and makes that name durable. */
  async #place<T>(path: string, take: (target: string) => Promise<T>): Promise<T> {
    const target = join(this.location, path)
    const taken = await this.#inFolder(dirname(target), () => take(target))
    await syncFolder(dirname(target))
    return taken
  }

  async #inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        // Whoever deletes may take away any folder above, also while this one is made.
        await makeFolder(folder)
        return await work()
      } catch (thrown) {
        if (!isErrno(thrown, 'ENOENT') || tries === folderTriesMax) throw thrown
      }
    }
  }
}

/** @param folder is made, with all above it, when the first file is written. */
export function folderStorage(folder: string): CheckpointStorage {
  return new FolderStorage(folder)
}
