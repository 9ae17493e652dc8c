import { access, rename } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { FormerOutput, SinkCommits } from '@lightflus/engine'
import { makeFolder, syncFolder } from './durable-folder.ts'
import { failingWith, isMissing, type PartFile, type PartFiles } from './part-files.ts'

/** What `prepare` resolves with: files that are whole and on the disk, and the names that they are to take. */
interface PreparedFiles {
  readonly files: readonly PartFile[]
}

export interface FileCommitsOptions {
  readonly operator: string
  readonly parts: PartFiles
  /** Hands all that was written to `parts`. */
  readonly flush: () => Promise<void>
}

/**
 * Writes files exactly once: each takes its name when the checkpoint that says so exists, by a rename that anybody may
 * repeat. So what a checkpoint names is made visible by whoever comes first, its own attempt or the next; and what none names
 * never is, since nobody but the attempt that wrote a file knows it.
 */
export class FileCommits implements SinkCommits {
  readonly #options: FileCommitsOptions
  /** Prepared, and not to be seen yet. */
  #waiting: readonly PartFile[] = []

  constructor(options: FileCommitsOptions) {
    this.#options = options
  }

  async resume({ prepared, isCommitted, subtasks }: FormerOutput): Promise<void> {
    const files = prepared.flatMap(({ output }) => (output as PreparedFiles | undefined)?.files ?? [])
    // Once committed they may have been taken away; but a machine that crashed may have forgotten a rename.
    await this.#show(files, !isCommitted)
    const folders = files.map(({ staged }) => dirname(staged))
    await this.#options.parts.clear(subtasks, folders)
  }

  async prepare(checkpoint: number): Promise<PreparedFiles | undefined> {
    await this.#options.flush()
    const files = await this.#options.parts.cut(checkpoint)
    this.#waiting = [...this.#waiting, ...files]
    return this.#waiting.length === 0 ? undefined : { files: this.#waiting }
  }

  async commit(): Promise<void> {
    const files = this.#waiting
    // At once: the next `prepare` may begin before these have their names.
    this.#waiting = []
    await this.#show(files, true)
  }

  /** @throws LF_SINK_COMMIT_LOST where a file that must be there is neither staged nor has its name */
  async #show(files: readonly PartFile[], isDemanded: boolean): Promise<void> {
    const folders = new Set<string>()
    for (const file of files) {
      const isThere = await failingWith(file.path, takeName(file))
      if (!isThere && isDemanded) throw lost(this.#options.operator, file)
      if (!isThere) continue
      // Up to the folder of the sink: another subtask may have made those between, and not have synced them yet.
      const base = dirname(dirname(file.staged))
      for (let at = dirname(file.path); ; at = dirname(at)) {
        folders.add(at)
        if (relative(base, at) === '' || dirname(at) === at) break
      }
      folders.add(dirname(file.staged))
    }
    for (const folder of folders) await failingWith(folder, syncIfThere(folder))
  }
}

/** @returns whether the file has its name, by this rename or an earlier one */
async function takeName({ staged, path }: PartFile): Promise<boolean> {
  for (let triesLeft = 2; ; triesLeft--) {
    try {
      await rename(staged, path)
      return true
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown
      if (!(await isThere(staged))) return isThere(path)
      if (triesLeft === 0) throw thrown
      // Somebody has removed the empty folder.
      await makeFolder(dirname(path))
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (thrown) {
    if (isMissing(thrown)) return false
    throw thrown
  }
}

/** The folder of staged files goes with the last of them. */
async function syncIfThere(folder: string): Promise<void> {
  try {
    await syncFolder(folder)
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown
  }
}

const lost = (operator: string, { staged, path }: PartFile): LightflusError =>
  new LightflusError(
    'LF_SINK_COMMIT_LOST',
    `Operator ${operator}: '${path}' is not there, nor is '${staged}', of which a checkpoint says that it is to become it`,
    {
      details: { operator, path, staged },
      nextStep:
        'See who has deleted or moved it, and put it back under its name; else start the job afresh, or from an older savepoint.',
    },
  )
