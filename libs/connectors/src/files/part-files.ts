import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, open, readdir, rmdir, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { SinkCheckpoints } from '@lightflus/engine'
import { isRestricted, makeFolder, syncFolder } from './durable-folder.ts'
import { writeError } from './file-errors.ts'

/** A file that is written whole and then takes its name. Paths are relative to where the job runs, as the sink's. */
export interface PartFile {
  readonly staged: string
  readonly path: string
}

export interface PartFilesOptions {
  /** Of the sink, without the subtask's number. */
  readonly path: string
  readonly operator: string
  readonly subtask: number
  /** It writes to folders that it makes; else that of the path has to be there, as one that is misspelt is not. */
  readonly makesFolders: boolean
  readonly checkpoints: Pick<SinkCheckpoints, 'lineage' | 'attempt'>
}

interface OpenPart {
  readonly staged: string
  handle: FileHandle | undefined
}

/** Files that are open at once; the one that was written to least recently is closed for another. */
const openFilesMax = 64
const checkpointDigits = 10
const mode = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (isRestricted ? constants.O_DSYNC : 0)

/**
 * Writes parts, one a folder and checkpoint, in a hidden folder beside the sink's path: on the same file system as where they
 * go to, and to be found by an attempt that clears away what others left. Of `out/km.jsonl`:
 *
 *     out/.km.jsonl.staged/<job and sink>-<subtask>-<attempt>-<number>     while it is written
 *     out/<folder>/km-<job and sink>-<checkpoint>-<subtask>.jsonl          once it is committed
 *
 * No two attempts write the same staged file, and no two checkpoints of a job have the same number: so no name is ever that of
 * two files, whatever else writes to the folder.
 */
export class PartFiles {
  readonly #options: PartFilesOptions
  readonly #folder: string
  readonly #staging: string
  readonly #tag: string
  /** By folder; the most recently written one last. */
  #parts = new Map<string, OpenPart>()
  #opened = 0
  #number = 0

  constructor(options: PartFilesOptions) {
    this.#options = options
    const { path, operator, checkpoints } = options
    this.#folder = dirname(path)
    this.#staging = join(this.#folder, `.${basename(path)}.staged`)
    // Names of operators may hold anything.
    this.#tag = createHash('sha256')
      .update(JSON.stringify([checkpoints.lineage, operator]))
      .digest('hex')
      .slice(0, 12)
  }

  /** @throws LF_FILES_MISSING, LF_FILES_WRITE */
  async open(): Promise<void> {
    if (!this.#options.makesFolders) await failingWith(this.#folder, access(this.#folder))
    await failingWith(this.#staging, makeFolder(this.#staging))
  }

  async append(text: string | Uint8Array, folder: string): Promise<void> {
    const { subtask, checkpoints } = this.#options
    const part = this.#parts.get(folder) ?? {
      staged: join(this.#staging, `${this.#tag}-${subtask}-${checkpoints.attempt}-${this.#number++}`),
      handle: undefined,
    }
    this.#parts.delete(folder)
    this.#parts.set(folder, part)
    await failingWith(part.staged, this.#write(part, text))
  }

  async #write(part: OpenPart, text: string | Uint8Array): Promise<void> {
    if (part.handle === undefined) {
      if (this.#opened >= openFilesMax) await this.#closeOldest(part)
      part.handle = await this.#openStaged(part.staged)
      this.#opened++
    }
    await part.handle.appendFile(text)
  }

  /** Another writer of the same path may have removed the folder, when it had nothing left in it. */
  async #openStaged(path: string): Promise<FileHandle> {
    try {
      return await open(path, mode)
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown
      await makeFolder(this.#staging)
      return open(path, mode)
    }
  }

  async #closeOldest(but: OpenPart): Promise<void> {
    for (const part of this.#parts.values()) if (part !== but && part.handle) return this.#close(part)
  }

  /** What was written to it survives a crash of the machine. */
  async #close(part: OpenPart): Promise<void> {
    const handle = part.handle!
    if (!isRestricted) await handle.datasync()
    part.handle = undefined
    this.#opened--
    await handle.close()
  }

  /**
   * Ends the parts that were begun since the last call, under names of this checkpoint: when it resolves they survive a crash
   * of the machine, and the folders are there that they go to.
   * @throws LF_FILES_MISSING, LF_FILES_WRITE
   */
  async cut(checkpoint: number): Promise<PartFile[]> {
    const parts = this.#parts
    const files: PartFile[] = []
    for (const [folder, part] of parts) {
      if (part.handle) await failingWith(part.staged, this.#close(part))
      const path = this.#pathOf(folder, checkpoint)
      if (folder !== '') await failingWith(dirname(path), makeFolder(dirname(path)))
      files.push({ staged: part.staged, path })
    }
    this.#parts = new Map()
    if (files.length > 0)
      for (const folder of [this.#staging, this.#folder]) await failingWith(folder, syncFolder(folder))
    return files
  }

  #pathOf(folder: string, checkpoint: number): string {
    const name = basename(this.#options.path)
    const extension = extname(name)
    const stem = name.slice(0, name.length - extension.length)
    const number = String(checkpoint).padStart(checkpointDigits, '0')
    return join(this.#folder, folder, `${stem}-${this.#tag}-${number}-${this.#options.subtask}${extension}`)
  }

  /**
   * Deletes what former attempts left of this sink. Not what newer ones have: this attempt may be believed dead, and have slept.
   * @param folders where else it may lie: those of paths that the sink had before
   */
  async clear(subtasks: readonly number[], folders: readonly string[]): Promise<void> {
    for (const folder of new Set([this.#staging, ...folders]))
      for (const name of await failingWith(folder, namesIn(folder))) {
        const [tag, subtask, attempt] = name.split('-')
        const isOurs = tag === this.#tag && subtasks.includes(Number(subtask))
        if (!isOurs || !(Number(attempt) < this.#options.checkpoints.attempt)) continue
        const path = join(folder, name)
        await failingWith(path, unlinkIfThere(path))
      }
  }

  async close(): Promise<void> {
    for (const { handle } of this.#parts.values()) await handle?.close()
    // Refused as long as somebody has something in it.
    await rmdir(this.#staging).catch(() => undefined)
  }
}

export const isMissing = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT'

/** @throws LF_FILES_MISSING, LF_FILES_WRITE */
export async function failingWith<T>(path: string, done: Promise<T>): Promise<T> {
  try {
    return await done
  } catch (thrown) {
    throw writeError(path, thrown)
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (thrown) {
    if (isMissing(thrown)) return []
    throw thrown
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown
  }
}
