import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LightflusError } from '@lightflus/api'
import type { putConnectionSchema } from '@lightflus/contracts'
import type { z } from 'zod'
import { plainConnection } from './plain-connection.ts'

export type ConnectionInput = z.output<typeof putConnectionSchema>

/**
 * A connection as a person gives it: a URL, or JSON or YAML of `{ kind, options }`.
 * @throws LF_CLI_FILE naming each field that is wrong, and never a value: it may be a secret.
 */
export async function connectionFrom(name: string, given: string): Promise<ConnectionInput> {
  const text = given.trim()
  return plainConnection(text) ?? checkedConnection(name, text)
}

/** As {@link connectionFrom}, by the schemas of the platform. */
export async function checkedConnection(name: string, text: string): Promise<ConnectionInput> {
  // Loaded where there is a connection: `run` without one has nothing to do with the platform's schemas.
  const { putConnectionSchema } = await import('./connection-schema.ts')
  const checked = putConnectionSchema.safeParse(
    /^[a-z]+:\/\//.test(text) ? fromUrl(name, text) : await parsed(name, text),
  )
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw new LightflusError('LF_CLI_FILE', `Connection ${name}: ${problems.join('; ')}.`)
}

export async function readConnectionFile(folder: string, path: string): Promise<string> {
  try {
    return await readFile(resolve(folder, path), 'utf8')
  } catch (cause) {
    throw new LightflusError('LF_CLI_FILE', `${path} cannot be read.`, { cause })
  }
}

async function parsed(name: string, text: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(text)
  } catch {
    throw new LightflusError('LF_CLI_FILE', `Connection ${name}: neither a URL nor JSON or YAML.`)
  }
}

/** `kafka://user:password@a:9092,b:9092?tls=true&mechanism=plain`, `mysql://user:password@host:port/database?tls=true`, `redis://…`, `https://…`. */
function fromUrl(name: string, text: string): unknown {
  if (/^https?:/.test(text)) return { kind: 'http', options: { url: text } }
  const match = /^([a-z]+):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(text)
  if (!match)
    throw new LightflusError('LF_CLI_FILE', `Connection ${name}: that is not a URL such as kafka://host:9092.`)
  const [, scheme, user, password, hosts, path] = match.map((part) =>
    part === undefined ? undefined : decodeURIComponent(part),
  )
  const query = new URLSearchParams(match[6] ?? '')
  const secure = scheme!.endsWith('s') && scheme !== 'redis' ? true : query.get('tls') === 'true'
  const tls = secure ? { tls: true } : {}
  if (scheme === 'kafka') {
    const sasl = user ? { sasl: kafkaSignIn(user, password ?? '', query) } : {}
    return { kind: 'kafka', options: { brokers: hosts!.split(','), ...tls, ...sasl } }
  }
  const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(hosts!)!
  const address = { host, ...(port ? { port: Number(port) } : {}), ...tls }
  if (scheme === 'mysql')
    return {
      kind: 'mysql',
      options: { ...address, user: user ?? 'root', ...(password ? { password } : {}), database: path ?? '' },
    }
  if (scheme === 'redis' || scheme === 'rediss')
    return {
      kind: 'redis',
      options: {
        ...address,
        ...(user ? { username: user } : {}),
        ...(password ? { password } : {}),
        ...(path ? { database: Number(path) } : {}),
      },
    }
  throw new LightflusError(
    'LF_CLI_FILE',
    `Connection ${name}: nothing is known of ${scheme}://; known are https://, kafka://, mysql:// and redis://.`,
  )
}

/** By `mechanism=oauthbearer` the user is the client of the token endpoint that `tokenUrl` names. */
function kafkaSignIn(user: string, password: string, query: URLSearchParams): unknown {
  const mechanism = query.get('mechanism') ?? 'plain'
  if (mechanism !== 'oauthbearer') return { mechanism, username: user, password }
  const [tokenUrl, scope] = [query.get('tokenUrl'), query.get('scope')]
  return {
    ...{ mechanism, clientId: user, clientSecret: password },
    ...(tokenUrl === null ? {} : { tokenUrl }),
    ...(scope === null ? {} : { scope }),
  }
}
