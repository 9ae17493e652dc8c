import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { configFolder, type Io } from './io.ts'

/** One platform and how to sign in there. */
export interface CliContext {
  readonly url: string
  readonly tenant?: string
  readonly email?: string
  readonly accessToken?: string
  /** ISO 8601. */
  readonly accessTokenExpiresAt?: string
  readonly refreshToken?: string
  readonly apiKey?: string
}

export interface Contexts {
  readonly current: string | null
  readonly contexts: Readonly<Record<string, CliContext>>
}

const none: Contexts = { current: null, contexts: {} }
const pathOf = (io: Pick<Io, 'environment'>): string => join(configFolder(io.environment), 'contexts.json')

export async function readContexts(io: Pick<Io, 'environment'>): Promise<Contexts> {
  const path = pathOf(io)
  try {
    const contexts = JSON.parse(await readFile(path, 'utf8')) as Contexts
    if (typeof contexts.contexts === 'object' && contexts.contexts !== null) return contexts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return none
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new LightflusError('LF_CLI_CONTEXTS', `${path} is damaged.`)
}

/** The file holds secrets: only its owner reads it. Replaced whole, so a crash leaves the old one. */
export async function writeContexts(io: Pick<Io, 'environment'>, contexts: Contexts): Promise<void> {
  const path = pathOf(io)
  await mkdir(configFolder(io.environment), { recursive: true, mode: 0o700 })
  const unfinished = `${path}.${process.pid}.part`
  await writeFile(unfinished, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 })
  await chmod(unfinished, 0o600)
  await rename(unfinished, path)
}

/** Adds or replaces a context and makes it the current one. */
export async function saveContext(io: Pick<Io, 'environment'>, name: string, context: CliContext): Promise<void> {
  const { contexts } = await readContexts(io)
  await writeContexts(io, { current: name, contexts: { ...contexts, [name]: context } })
}

/**
 * The context that commands use: LIGHTFLUS_URL with LIGHTFLUS_API_KEY if set, else the one named, else the current one.
 * @throws LF_CLI_NO_CONTEXT when there is none.
 */
export async function chosenContext(
  io: Pick<Io, 'environment'>,
  named: string | undefined,
): Promise<{ name: string | null; context: CliContext }> {
  const { LIGHTFLUS_URL: url, LIGHTFLUS_API_KEY: apiKey } = io.environment
  if (url && named === undefined)
    return { name: null, context: { url: url.replace(/\/+$/, ''), ...(apiKey ? { apiKey } : {}) } }
  const { current, contexts } = await readContexts(io)
  const name = named ?? current
  const context = name === null ? undefined : contexts[name]
  if (name !== null && context) return { name, context }
  throw named === undefined
    ? new LightflusError('LF_CLI_NO_CONTEXT', 'No platform is chosen.')
    : new LightflusError('LF_CLI_NO_CONTEXT', `There is no context '${named}'.`, {
        nextStep: 'See those there are with `lightflus context list`.',
      })
}
