import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { ConnectorContext } from '@lightflus/engine'
import { isRestricted } from './durable-folder.ts'
import { writeError } from './file-errors.ts'

/** Where lines go: a file or standard output. */
export interface LineTarget {
  append(text: string | Uint8Array): Promise<void>
  /** Resolves when all that was appended survives a crash of this process and of the machine. */
  sync(): Promise<void>
  close(): Promise<void>
}

const appendSynced = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC

/** @throws LF_FILES_MISSING, LF_FILES_WRITE */
export async function openFile(path: string, log: ConnectorContext<'sink'>['log']): Promise<LineTarget> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, isRestricted ? appendSynced : 'a+')
    const stats = await handle.stat()
    const { size } = stats
    // A pipe or a terminal has nothing to sync.
    const synced = isRestricted || !stats.isFile()
    if (size > 0 && !(await endsLine(handle, size))) {
      await handle.appendFile('\n')
      log('warn', `'${path}' did not end with a whole line, probably since a run was cut off; a new line was begun`)
    }
    const file = handle
    const failing = (thrown: unknown): never => {
      throw writeError(path, thrown)
    }
    return {
      append: (text) => file.appendFile(text).catch(failing),
      sync: () => (synced ? Promise.resolve() : file.datasync().catch(failing)),
      close: () => file.close(),
    }
  } catch (thrown) {
    await handle?.close()
    throw writeError(path, thrown)
  }
}

async function endsLine(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === 10
}

export const standardOutput: LineTarget = {
  append: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(writeError('-', error)) : resolve()))
    }),
  sync: () => Promise.resolve(),
  close: () => Promise.resolve(),
}
