import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { z } from 'zod'
import { folderError } from './folder-error.ts'

/** The layout of the folder itself; it rises when a release moves or changes what lies in it. */
export const folderFormat = 1

/** How many backups are kept, newest first. */
const backupsMax = 2

const markSchema = z.object({
  format: z.number().int().positive(),
  /** The release that used the folder last. */
  release: z.string(),
  /** The newest migration of that release: a later one here means that the database is about to be changed. */
  migration: z.string(),
  /** Of the embedded Postgres' one user. */
  databasePassword: z.string().min(20),
})
type Mark = z.infer<typeof markSchema>

export interface Release {
  readonly version: string
  /** Name of the newest database migration. */
  readonly migration: string
}

/** What lies in a data folder. All but `postgres` and what it needs is for the platform's own user only. */
export interface DataFolder {
  readonly path: string
  readonly databasePassword: string
  readonly postgres: string
  readonly postgresPrograms: string
  readonly logs: string
  /** Where the backup of an older release's data was put at this opening; null where none was needed. */
  readonly backup: string | null
}

/** All that a platform puts into its folder. The mark comes first and goes last. */
const own = [
  ...['postgres', 'postgres.new', 'postgres-programs', 'logs', 'workers', 'checkpoints', 'files', 'backups'],
  ...['encryption.key', 'demo.json', 'parts.json', 'parts.json.new', 'lightflus.json.new', 'lightflus.json'],
]
const unmarked = /^lock(\.|$)|^lightflus\.json\.new$/

/**
 * Opens a data folder, making it where there is none. One that an older release used is copied aside first, as far as
 * this release will change it (the database and the small files). The caller holds the folder's lock.
 * @throws LF_UP_FOLDER_UNWRITABLE, LF_UP_FOLDER_FOREIGN, LF_UP_FOLDER_DAMAGED or LF_UP_DISK_FULL
 */
export async function openDataFolder(path: string, release: Release): Promise<DataFolder> {
  try {
    const found = await readMark(path)
    if (found) assertReadable(path, found, release)
    const isOlder = found !== null && (found.format < folderFormat || found.migration < release.migration)
    const backup = isOlder ? await backUp(path, found.release) : null
    const mark: Mark = {
      ...{ format: folderFormat, release: release.version, migration: release.migration },
      databasePassword: found?.databasePassword ?? randomBytes(24).toString('base64url'),
    }
    if (JSON.stringify(mark) !== JSON.stringify(found)) await writeMark(path, mark)
    const logs = join(path, 'logs')
    await mkdir(logs, { recursive: true, mode: 0o700 })
    return {
      ...{ path, logs, backup, databasePassword: mark.databasePassword },
      ...{ postgres: join(path, 'postgres'), postgresPrograms: join(path, 'postgres-programs') },
    }
  } catch (error) {
    throw folderError(error, path)
  }
}

/**
 * Makes the folder, or sees that it is one that may be used: Lightflus' own, or empty. It can be passed through but
 * not listed by others, since the database's user has to get at its part when the platform is started as root.
 * @throws LF_UP_FOLDER_UNWRITABLE, LF_UP_FOLDER_FOREIGN or LF_UP_DISK_FULL
 */
export async function prepareFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o711 })
    const { uid } = await stat(path)
    const user = process.getuid?.() ?? uid
    if (uid !== user)
      throw new LightflusError(
        'LF_UP_FOLDER_UNWRITABLE',
        `The data folder ${path} belongs to another user (id ${uid}); this is ${user}.`,
        { nextStep: 'Start the platform as the user whom the folder belongs to, or choose another with --data-dir.' },
      )
    const entries = await readdir(path)
    // What stands there before the mark does; `lost+found` belongs to a disk of its own.
    const strangers = entries.filter((name) => name !== 'lost+found' && !unmarked.test(name))
    if (strangers.length > 0 && !entries.includes('lightflus.json'))
      throw new LightflusError(
        'LF_UP_FOLDER_FOREIGN',
        `The folder ${path} is not Lightflus’ own: it holds ${strangers.slice(0, 3).join(', ')} and no lightflus.json.`,
      )
    await chmod(path, 0o711)
  } catch (error) {
    throw folderError(error, path)
  }
}

/**
 * Deletes all that this platform put into its folder, and nothing else. What a reset that was broken off leaves behind
 * is still known as Lightflus' own. The caller holds the folder's lock and has prepared it.
 */
export async function emptyDataFolder(path: string): Promise<void> {
  try {
    for (const name of own) await rm(join(path, name), { recursive: true, force: true })
  } catch (error) {
    throw folderError(error, path)
  }
}

/** Null where the folder is no data folder. */
export async function readDatabasePassword(path: string): Promise<string | null> {
  return (await readMark(path).catch(() => null))?.databasePassword ?? null
}

async function readMark(path: string): Promise<Mark | null> {
  let text: string
  try {
    text = await readFile(join(path, 'lightflus.json'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const format = z.object({ format: z.number(), release: z.string() }).safeParse(parseJson(text))
  if (format.success && format.data.format > folderFormat) {
    const { release, format: number } = format.data
    throw foreign(path, release, `format ${number} is newer than this release knows (${folderFormat})`)
  }
  const mark = markSchema.safeParse(parseJson(text))
  if (!mark.success) throw damaged(path, 'lightflus.json cannot be read')
  return mark.data
}

function assertReadable(path: string, mark: Mark, release: Release): void {
  if (mark.migration > release.migration)
    throw foreign(
      path,
      mark.release,
      `database (${mark.migration}) is newer than this release knows (${release.migration})`,
    )
}

async function writeMark(path: string, mark: Mark): Promise<void> {
  const draft = join(path, 'lightflus.json.new')
  await writeFile(draft, JSON.stringify(mark), { mode: 0o600 })
  await rename(draft, join(path, 'lightflus.json'))
}

/** Copies what a newer release is going to change. Postgres is not running yet, so its folder is consistent. */
async function backUp(path: string, release: string): Promise<string> {
  const backups = join(path, 'backups')
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const target = join(backups, `${stamp}-${release}`)
  const draft = `${target}.part`
  await mkdir(draft, { recursive: true, mode: 0o700 })
  for (const name of ['postgres', 'lightflus.json', 'encryption.key', 'demo.json']) {
    const from = join(path, name)
    if (await exists(from)) await cp(from, join(draft, name), { recursive: true, preserveTimestamps: true })
  }
  await rename(draft, target)
  const older = (await readdir(backups)).filter((name) => name !== `${stamp}-${release}`).sort()
  for (const name of older.slice(0, Math.max(0, older.length + 1 - backupsMax)))
    await rm(join(backups, name), { recursive: true, force: true })
  return target
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

export function damaged(path: string, what: string): LightflusError {
  return new LightflusError('LF_UP_FOLDER_DAMAGED', `The data folder ${path} is damaged: ${what}.`)
}

function foreign(path: string, release: string, why: string): LightflusError {
  return new LightflusError(
    'LF_UP_FOLDER_FOREIGN',
    `The folder ${path} was made by Lightflus ${release}, whose ${why}.`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
