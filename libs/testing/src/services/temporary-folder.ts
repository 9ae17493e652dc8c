import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new, empty folder under the system's temporary folder, and the way to remove it with all that is in it. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
  remove(): Promise<void>
}

/** Makes a folder whose name begins with `lightflus-<purpose>-`. `await using` removes it at the end of the block. */
export function temporaryFolder(purpose = 'test'): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `lightflus-${purpose}-`))
  // A server that was stopped a moment ago may still be writing its last file: hence the retries.
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  return { path, remove, [Symbol.asyncDispose]: remove }
}
