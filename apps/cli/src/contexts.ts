import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { withFileLock } from './file-lock.ts'
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

/**
 * Changes the contexts while no other command does. `change` sees them as they are then, not as the caller once read
 * them: a refresh token works once, and writing back an old one would end the session of all.
 */
export async function changeContexts(
  io: Pick<Io, 'environment'>,
  change: (contexts: Contexts) => Contexts | Promise<Contexts>,
): Promise<Contexts> {
  const path = pathOf(io)
  await mkdir(configFolder(io.environment), { recursive: true, mode: 0o700 })
  return withFileLock(path, async () => {
    const before = await readContexts(io)
    const after = await change(before)
    if (after !== before) await writeContexts(path, after)
    return after
  })
}

/** The file holds secrets: only its owner reads it. Replaced whole, so a crash leaves the old one. */
async function writeContexts(path: string, contexts: Contexts): Promise<void> {
  const unfinished = `${path}.${process.pid}.part`
  await writeFile(unfinished, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600 })
  await chmod(unfinished, 0o600)
  await rename(unfinished, path)
}

/** Adds or replaces a context and makes it the current one. */
export async function saveContext(io: Pick<Io, 'environment'>, name: string, context: CliContext): Promise<void> {
  await changeContexts(io, ({ contexts }) => ({ current: name, contexts: { ...contexts, [name]: context } }))
}

export async function forgetContext(io: Pick<Io, 'environment'>, name: string): Promise<void> {
  await changeContexts(io, ({ current, contexts }) => ({
    current: current === name ? null : current,
    contexts: Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name)),
  }))
}

/**
 * Replaces a context by what `renew` makes of it, unless another command has done so since the caller read it: two
 * commands at the same time must not both use the refresh token.
 */
export async function renewContext(
  io: Pick<Io, 'environment'>,
  name: string,
  known: CliContext,
  renew: (context: CliContext) => Promise<CliContext>,
): Promise<CliContext> {
  const after = await changeContexts(io, async (before) => {
    const present = before.contexts[name]
    if (present && present.accessToken !== known.accessToken) return before
    return { ...before, contexts: { ...before.contexts, [name]: await renew(known) } }
  })
  return after.contexts[name]!
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
