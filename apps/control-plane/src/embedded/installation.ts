import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { Release } from './data-folder.ts'

/** Where the parts of this installation lie. Source and build are equally deep, so this holds for both. */
export const installationRoot = join(import.meta.dirname, '..', '..', '..', '..')

/** What has to be built before the platform can start: what it is called, and a file of it. */
const built = [
  ['The control plane', 'apps/control-plane/dist/main.js'],
  ['The worker', 'apps/worker/dist/main.js'],
  ['The console', 'apps/console/dist/index.html'],
] as const

/** @throws LF_UP_NOT_BUILT naming the first part that is missing. */
export async function assertBuilt(root: string = installationRoot): Promise<void> {
  for (const [what, path] of built) {
    const found = await stat(join(root, path)).catch(() => null)
    if (!found) throw new LightflusError('LF_UP_NOT_BUILT', `${what} is not built: ${join(root, path)} is missing.`)
  }
}

export async function readRelease(root: string = installationRoot): Promise<Release> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const entries = await readdir(join(root, 'prisma', 'migrations'), { withFileTypes: true })
  const migrations = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return { version, migration: migrations.sort().at(-1) ?? '' }
}
