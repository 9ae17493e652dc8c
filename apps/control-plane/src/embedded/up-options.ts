import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { LightflusError } from '@lightflus/api'
import { formatStorageLocation, parseStorageLocation } from '@lightflus/storage'

export interface UpOptions {
  readonly port: number
  /** Absolute. */
  readonly dataDir: string
  /** Where checkpoints lie, if not in the data folder: an absolute folder, or s3://bucket/prefix. */
  readonly checkpoints: string | undefined
  /** Make the demo tenant and its example job at the first start. */
  readonly demo: boolean
  /** Delete what the data folder holds, first. */
  readonly reset: boolean
  /** Do so without asking. */
  readonly yes: boolean
}

export const defaultPort = 4400

/**
 * Reads what `lightflus up` was given. The command itself explains and checks names; this reads values.
 * @throws LF_UP_OPTION, LF_STORAGE_LOCATION
 */
export function parseUpOptions(args: readonly string[], environment: NodeJS.ProcessEnv): UpOptions {
  const { values } = parse(args)
  const port = Number(values.port ?? defaultPort)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new LightflusError('LF_UP_OPTION', `--port is a number from 1 to 65535, not '${values.port}'.`)
  return {
    port,
    dataDir: dataDirOf(values['data-dir'], environment),
    checkpoints: checkpointsOf(values.checkpoints),
    demo: !values['no-demo'],
    reset: values.reset === true,
    yes: values.yes === true,
  }
}

function checkpointsOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const location = parseStorageLocation(given)
  return location.kind === 'folder' ? resolve(location.folder) : formatStorageLocation(location)
}

/** The data folder, absolute: the one given, or the default. */
export function dataDirOf(given: string | undefined, environment: NodeJS.ProcessEnv): string {
  return given ? resolve(given) : defaultDataDir(environment)
}

/**
 * Where data lies unless told otherwise: LIGHTFLUS_DATA_DIR, else XDG's place for a user's data, else ~/.local/share.
 * For root it is /var/lib/lightflus: the database runs as another user then, and root's home is closed to others.
 */
export function defaultDataDir(environment: NodeJS.ProcessEnv, uid = process.getuid?.()): string {
  if (environment.LIGHTFLUS_DATA_DIR) return resolve(environment.LIGHTFLUS_DATA_DIR)
  if (environment.XDG_DATA_HOME) return resolve(environment.XDG_DATA_HOME, 'lightflus')
  return uid === 0 ? '/var/lib/lightflus' : join(homedir(), '.local', 'share', 'lightflus')
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        'data-dir': { type: 'string' },
        checkpoints: { type: 'string' },
        'no-demo': { type: 'boolean' },
        reset: { type: 'boolean' },
        yes: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new LightflusError('LF_UP_OPTION', (error as Error).message, { cause: error })
  }
}
