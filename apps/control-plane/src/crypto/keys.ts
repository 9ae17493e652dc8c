import { hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'

/** What each key is for; each is derived from the platform's one key, so none tells anything about another. */
export interface Keys {
  /** Signs access tokens. */
  readonly accessTokens: Buffer
  /** Seals what is stored secretly. */
  readonly secrets: Buffer
  /** Makes the tokens of workers. */
  readonly workerTokens: Buffer
}

export function deriveKeys(encryptionKey: Buffer): Keys {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', encryptionKey, '', `lightflus ${purpose} 1`, 32))
  return { accessTokens: derive('access tokens'), secrets: derive('secrets'), workerTokens: derive('worker tokens') }
}

/**
 * The platform's key: the one given, or the one of the data folder, where the first start makes it (mode 0600).
 * @throws LF_CONFIG_INVALID when the file holds something else
 */
export async function loadEncryptionKey(given: string | null, dataDir: string | null): Promise<Buffer> {
  if (given !== null) return Buffer.from(given, 'base64')
  if (dataDir === null)
    throw new LightflusError('LF_CONFIG_INVALID', 'There is neither an encryption key nor a data folder.')
  const path = join(dataDir, 'encryption.key')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // Written whole under another name first: a second control plane that starts now must not read half a key.
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
  if (key.length !== 32)
    throw new LightflusError('LF_CONFIG_INVALID', `${path} does not hold a key of 32 bytes in base64.`, {
      nextStep: 'Restore the file from a backup. Without it stored passwords of connections cannot be read.',
    })
  return key
}
