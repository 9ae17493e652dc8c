import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Where dev/bundle-command.ts writes the command as a few files. */
export const bundleFolder = join(import.meta.dirname, 'bundle')
/** Says which builds the bundle was made from, by what is in them; and by its age, when. It is written last. */
export const inputsFile = join(bundleFolder, 'made-from.json')

/** The module that the command begins with: of the bundle, or where a package was built after that, among the others. */
export function commandModule(): string {
  return isBundleCurrent() ? './bundle/command-line.js' : './command-line.js'
}

function isBundleCurrent(): boolean {
  const made = statSync(inputsFile, { throwIfNoEntry: false })
  if (!made) return false
  const builds = JSON.parse(readFileSync(inputsFile, 'utf8')) as Readonly<Record<string, string>>
  return Object.entries(builds).every(([relativePath, digest]) => {
    const path = join(bundleFolder, relativePath)
    const build = statSync(path, { throwIfNoEntry: false })
    // A younger one may be the same: builds that are taken out of a cache are as old as that.
    return !build || build.mtimeMs <= made.mtimeMs || digestOf(path) === digest
  })
}

export function digestOf(path: string): string {
  return createHash('sha1').update(readFileSync(path)).digest('hex')
}
