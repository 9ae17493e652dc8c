import { get } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { LightflusError } from '@lightflus/api'
import { parseStorageLocation } from '@lightflus/storage'
import { assertReachable, databaseUser } from './database-user.ts'
import { type DataFolder, emptyDataFolder, openDataFolder, prepareFolder } from './data-folder.ts'
import { lockFolder } from './folder-lock.ts'
import { Guard } from './guard.ts'
import { assertBuilt, installationRoot, readRelease } from './installation.ts'
import { endLeftovers, endWorkers, killWorkers, rememberParts } from './leftovers.ts'
import { Part } from './part.ts'
import { explainControlPlane } from './part-failure.ts'
import { assertPortFree, freePort } from './ports.ts'
import { postgresPrograms } from './postgres-programs.ts'
import {
  databaseUrl,
  forgetEarlierServer,
  postgresPart,
  type PostgresServerOptions,
  prepareDatabase,
} from './postgres-server.ts'
import type { UpOptions } from './up-options.ts'

export interface PlatformEvents {
  /** A part ended unasked and is being started again. */
  readonly onRestart: (part: string, how: string) => void
  /** The platform cannot stay up. {@link Platform.stop} has to be called. */
  readonly onGivingUp: (error: LightflusError) => void
}

/** How much the control plane's heap may grow, megabytes. Enough for a small platform; a leak ends in a restart. */
const controlPlaneHeapMegabytes = 384
/** A young generation a quarter as large as Node's default, and two arenas of native memory: half the memory in use. */
const controlPlaneYoungMegabytes = 4
const nativeArenas = '2'
const readyTimeoutMs = 2_000

/**
 * The whole platform on this machine: embedded Postgres and the control plane, which serves the console and places
 * workers as processes. All of it lies in one data folder.
 */
export class Platform {
  readonly address: string
  readonly folder: DataFolder
  readonly #postgres: Part
  readonly #controlPlane: Part
  readonly #guard: Guard
  readonly #unlock: () => Promise<void>
  #stopped: Promise<void> | undefined

  /**
   * Resolves when the console answers. An abort on the way ends what was started and resolves null.
   * @throws LF_UP_… for everything that can keep it from starting.
   */
  static async start(options: UpOptions, events: PlatformEvents, signal: AbortSignal): Promise<Platform | null> {
    await assertBuilt()
    await prepareFolder(options.dataDir)
    const address = `http://127.0.0.1:${options.port}`
    const unlock = await lockFolder(options.dataDir, address)
    let platform: Platform | undefined
    try {
      await assertPortFree(options.port)
      const database = await prepare(options)
      platform = new Platform({ address, database, options, events, unlock })
      await platform.#start(signal)
      if (!signal.aborted) return platform
      await platform.stop()
    } catch (error) {
      if (platform) await platform.stop()
      else await unlock()
      if (!signal.aborted) throw error
    }
    return null
  }

  private constructor(setup: PlatformSetup) {
    const { address, database, options, events, unlock } = setup
    this.address = address
    this.folder = database.folder
    this.#unlock = unlock
    this.#guard = new Guard()
    const watched = (name: string) => ({
      onRestart: (how: string) => {
        void this.#remember()
        events.onRestart(name, how)
      },
      onStart: () => this.#remember(),
      onGivingUp: events.onGivingUp,
    })
    this.#postgres = new Part({ ...postgresPart(database), ...watched('Postgres') })
    this.#controlPlane = new Part({ ...controlPlanePart(address, database, options), ...watched('The control plane') })
  }

  /**
   * Ends everything in order: the control plane, then the workers (each takes its savepoints), then Postgres. `hurry`
   * leaves the savepoints out: the newest checkpoints must do.
   */
  stop(hurry?: AbortSignal): Promise<void> {
    this.#stopped ??= this.#stop(hurry)
    return this.#stopped
  }

  async #start(signal: AbortSignal): Promise<void> {
    const stop = () => void this.stop()
    signal.addEventListener('abort', stop)
    for (const part of [this.#postgres, this.#controlPlane]) if (!signal.aborted) await part.start()
    signal.removeEventListener('abort', stop)
  }

  async #stop(hurry?: AbortSignal): Promise<void> {
    const { path } = this.folder
    hurry?.addEventListener('abort', () => {
      void this.#controlPlane.kill()
      void killWorkers(path)
    })
    await this.#controlPlane.stop()
    await endWorkers(path)
    await this.#postgres.stop()
    this.#guard.dismiss()
    await endLeftovers(path)
    await this.#unlock()
  }

  async #remember(): Promise<void> {
    const parts = { controlPlane: this.#controlPlane.identity, postgres: this.#postgres.identity }
    this.#guard.watch(parts.controlPlane?.pid ?? null, parts.postgres?.pid ?? null)
    await rememberParts(this.folder.path, parts)
  }
}

interface PlatformSetup {
  readonly address: string
  readonly database: PostgresServerOptions
  readonly options: UpOptions
  readonly events: PlatformEvents
  readonly unlock: () => Promise<void>
}

/** Brings the data folder into the state from which the parts can be started. */
async function prepare(options: UpOptions): Promise<PostgresServerOptions> {
  await endLeftovers(options.dataDir)
  if (options.reset) {
    await endWorkers(options.dataDir)
    await emptyDataFolder(options.dataDir)
  }
  const user = await databaseUser(join(options.dataDir, 'postgres'))
  await assertReachable(options.dataDir, user)
  const folder = await openDataFolder(options.dataDir, await readRelease())
  const programs = await postgresPrograms(folder.postgresPrograms, user)
  const database = { folder, programs, user, port: await freePort() }
  await prepareDatabase(database)
  await forgetEarlierServer(folder)
  return database
}

/** What the control plane is told by whoever starts the platform. */
const inheritedVariables = [
  'PATH',
  'LANG',
  'TZ',
  'LIGHTFLUS_LOG_LEVEL',
  'LIGHTFLUS_EXCHANGE_KAFKA',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REDIS_URL',
]

function controlPlanePart(address: string, database: PostgresServerOptions, options: UpOptions) {
  const { folder } = database
  const inherited = inheritedVariables.map((name) => [name, process.env[name]])
  return {
    name: 'The control plane',
    command: process.execPath,
    args: [
      '--enable-source-maps',
      `--max-old-space-size=${controlPlaneHeapMegabytes}`,
      `--max-semi-space-size=${controlPlaneYoungMegabytes}`,
      join(installationRoot, 'apps', 'control-plane', 'dist', 'main.js'),
    ],
    env: {
      ...(options.checkpoints === undefined ? {} : checkpointVariables(options.checkpoints, process.env)),
      ...Object.fromEntries(inherited.filter((entry): entry is [string, string] => entry[1] !== undefined)),
      NODE_ENV: 'production',
      MALLOC_ARENA_MAX: nativeArenas,
      DATABASE_URL: databaseUrl(database),
      HOST: '127.0.0.1',
      PORT: String(options.port),
      LIGHTFLUS_MODE: 'embedded',
      LIGHTFLUS_DATA_DIR: folder.path,
      LIGHTFLUS_PROVISIONER: 'process',
      ...(options.demo ? { LIGHTFLUS_DEMO: 'true' } : {}),
    },
    cwd: folder.path,
    logFile: join(folder.logs, 'control-plane.log'),
    code: 'LF_UP_CONTROL_PLANE' as const,
    explain: explainControlPlane(folder.path),
    stopSignal: 'SIGTERM' as const,
    stopMsMax: 15_000,
    isReady: () => answers(`${address}/readyz`),
    readyMsMax: 120_000,
  }
}

/** Where checkpoints lie, and with S3 all by which the SDK finds credentials: for the control plane and its workers. */
function checkpointVariables(checkpoints: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  if (parseStorageLocation(checkpoints).kind === 'folder') return { LIGHTFLUS_CHECKPOINTS: checkpoints }
  const given = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[0].startsWith('AWS_'),
  )
  return {
    // Named, since a worker's home is another.
    AWS_SHARED_CREDENTIALS_FILE: join(homedir(), '.aws', 'credentials'),
    AWS_CONFIG_FILE: join(homedir(), '.aws', 'config'),
    ...Object.fromEntries(given),
    LIGHTFLUS_CHECKPOINTS: checkpoints,
  }
}

/** By plain HTTP: `fetch` would double the memory of this process, which waits for most of its life. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: readyTimeoutMs }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
