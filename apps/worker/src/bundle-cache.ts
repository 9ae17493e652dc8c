import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Assignment } from '@lightflus/contracts'
import type { ControlPlane } from './control-plane-client.ts'

const bundlesIn = (folder: string): string => join(folder, 'bundles')

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

/**
 * The path of a bundle, fetched once: its name is its hash, so one that is there is the right one. Written beside and
 * renamed, so that a crash leaves no half of one.
 */
export async function bundleFile(folder: string, assignment: Assignment, controlPlane: ControlPlane): Promise<string> {
  const bundles = bundlesIn(folder)
  const path = join(bundles, `${assignment.bundleSha256}.mjs`)
  if (await exists(path)) return path
  const bytes = await controlPlane.bundle(assignment)
  await mkdir(bundles, { recursive: true })
  const unfinished = `${path}.${process.pid}.part`
  await writeFile(unfinished, bytes)
  await rename(unfinished, path)
  return path
}

/** Removes all bundles but these. */
export async function dropUnusedBundles(folder: string, usedSha256s: readonly string[]): Promise<void> {
  const bundles = bundlesIn(folder)
  if (!(await exists(bundles))) return
  for (const name of await readdir(bundles)) {
    if (!usedSha256s.some((sha256) => name.startsWith(sha256))) await rm(join(bundles, name), { force: true })
  }
}
