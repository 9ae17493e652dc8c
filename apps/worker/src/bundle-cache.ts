import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Assignment } from '@lightflus/contracts'
import type { ControlPlane } from './control-plane-client.ts'

/**
 * The path of a bundle, fetched once: its name is its hash, so one that is there is the right one. Written beside and
 * renamed, so that a crash leaves no half of one.
 */
export async function bundleFile(folder: string, assignment: Assignment, controlPlane: ControlPlane): Promise<string> {
  const bundles = join(folder, 'bundles')
  const path = join(bundles, `${assignment.bundleSha256}.mjs`)
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return path
  const bytes = await controlPlane.bundle(assignment)
  await mkdir(bundles, { recursive: true })
  const unfinished = `${path}.${process.pid}.part`
  await writeFile(unfinished, bytes)
  await rename(unfinished, path)
  return path
}
