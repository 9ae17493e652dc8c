import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LightflusError } from '@lightflus/api'

/** The user that Postgres runs as; null: the platform's own, who is not root. */
export interface DatabaseUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Who may have the database, best first. None has to be made: nearly every system has `nobody`. */
const candidates = ['postgres', '_postgres', 'nobody', 'daemon']

/**
 * Postgres refuses to run as root, and its initdb demands that its user has a name. So started as root, an existing
 * user without rights is taken: no user is added to the system for the sake of a trial. A folder that is there already
 * keeps its owner.
 * @throws LF_UP_NO_DATABASE_USER
 */
export async function databaseUser(postgresFolder: string, uid = process.getuid?.()): Promise<DatabaseUser | null> {
  const users = await knownUsers()
  if (uid !== 0) {
    // Elsewhere than on Linux users need not be in the file, and they do have names.
    if (process.platform !== 'linux' || users.length === 0 || users.some((user) => user.uid === uid)) return null
    throw new LightflusError(
      'LF_UP_NO_DATABASE_USER',
      `User ${uid} has no name on this machine (no line in /etc/passwd), which Postgres demands.`,
    )
  }
  const owner = await stat(postgresFolder).then(
    (found) => found.uid,
    () => 0,
  )
  const byOwner = owner === 0 ? undefined : users.find((user) => user.uid === owner)
  const byName = candidates.map((name) => users.find((user) => user.name === name)).find((user) => user !== undefined)
  const chosen = byOwner ?? byName ?? users.find((user) => user.uid !== 0)
  if (chosen) return chosen
  throw new LightflusError(
    'LF_UP_NO_DATABASE_USER',
    'Postgres does not run as root, and /etc/passwd names no other user that could run it.',
  )
}

/** True when everybody may pass through every folder on the way to a file or folder. */
export async function isOpenToAll(path: string): Promise<boolean> {
  const parent = dirname(path)
  if (((await stat(parent)).mode & 0o001) === 0) return false
  return parent === path || (await isOpenToAll(parent))
}

/** @throws LF_UP_FOLDER_UNREACHABLE when the database's user is another and cannot get to the data folder. */
export async function assertReachable(folder: string, user: DatabaseUser | null): Promise<void> {
  if (!user || (await isOpenToAll(`${folder}/postgres`))) return
  throw new LightflusError(
    'LF_UP_FOLDER_UNREACHABLE',
    `Started as root, Postgres runs as user ${user.name}, who cannot pass through every folder on the way to ${folder}.`,
  )
}

async function knownUsers(): Promise<readonly DatabaseUser[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([name, , uid, gid]) => name && /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? ''))
    .map(([name, , uid, gid]) => ({ name: name!, uid: Number(uid), gid: Number(gid) }))
}
