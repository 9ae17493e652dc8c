import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { ConnectorContext } from '@lightflus/engine'
import { writeError } from './file-errors.ts'
import { openFile, type LineTarget } from './line-target.ts'

/** Files that are open at once; the one that was written to least recently is closed for another. */
const openFilesMax = 64

/** Files of one name in folders that appear as they are written to. */
export class FolderFiles {
  readonly #folder: string
  readonly #name: string
  readonly #log: ConnectorContext<'sink'>['log']
  /** The most recently written one last. */
  readonly #open = new Map<string, LineTarget>()

  constructor(path: string, log: ConnectorContext<'sink'>['log']) {
    this.#folder = dirname(path)
    this.#name = basename(path)
    this.#log = log
  }

  async append(text: string | Uint8Array, folder: string): Promise<void> {
    const file = this.#open.get(folder) ?? (await this.#openFile(folder))
    this.#open.delete(folder)
    this.#open.set(folder, file)
    await file.append(text)
  }

  async #openFile(folder: string): Promise<LineTarget> {
    if (this.#open.size >= openFilesMax) {
      const [oldest, file] = this.#open.entries().next().value!
      this.#open.delete(oldest)
      await file.sync()
      await file.close()
    }
    const path = join(this.#folder, folder)
    try {
      await mkdir(path, { recursive: true })
    } catch (thrown) {
      throw writeError(path, thrown)
    }
    return openFile(join(path, this.#name), this.#log)
  }

  async sync(): Promise<void> {
    for (const file of this.#open.values()) await file.sync()
  }

  async close(): Promise<void> {
    for (const file of this.#open.values()) await file.close()
  }
}

/** @throws LF_SINK_VALUE for what is no path that stays below a folder. */
export function folderOf(given: unknown): string {
  if (typeof given === 'string' && !/^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)|\0/i.test(given)) return given
  const shown = typeof given === 'string' ? `'${given}'` : `a ${typeof given}`
  throw new LightflusError('LF_SINK_VALUE', `${shown} names no folder below that of the path`)
}
