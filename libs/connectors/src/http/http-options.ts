import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { ResolvedConnection } from '@lightflus/engine'
import type { Peer } from '../connection-errors.ts'
import { ConnectionOptionReader } from '../connection-options.ts'

export interface HttpOptions {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly tls: TlsOptions | undefined
}

/** Made here, so that nobody gives another. */
const ownHeaders = new Set([
  'content-length',
  'content-type',
  'idempotency-key',
  'transfer-encoding',
  'host',
  'connection',
])

/** @throws LF_CONNECTION_OPTION, which never shows a header's value */
export function httpOptions(connection: ResolvedConnection): HttpOptions {
  const read = new ConnectionOptionReader(connection)
  const text = read.text('url')
  const url = URL.canParse(text)
    ? new URL(text)
    : read.refuse('url', 'must be an address such as https://example.com/hooks')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') read.refuse('url', 'must begin with https:// or http://')
  if (url.username !== '' || url.password !== '') read.refuse('url', "must hold no password: give it in 'headers'")
  return { url, headers: headersOf(read), tls: read.tls() }
}

function headersOf(read: ConnectionOptionReader): Readonly<Record<string, string>> {
  const given = read.raw('headers') ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) return read.refuse('headers', 'must be an object of texts')
  for (const [name, value] of Object.entries(given)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value))
      return read.refuse('headers', `must be an object of texts that a header can hold, which '${name}' is not`)
    if (ownHeaders.has(name.toLowerCase()))
      return read.refuse('headers', `must not hold '${name}', which the sink sets`)
  }
  return given as Readonly<Record<string, string>>
}

export const httpPeer = (connection: ResolvedConnection, { url }: HttpOptions): Peer => ({
  connection: connection.name,
  system: 'HTTP',
  address: `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`,
})

/** The connection's address with a path behind it. */
export function addressOf({ url }: HttpOptions, path: string): URL {
  const base = url.href.replace(/\/$/, '')
  return path === '' ? url : new URL(base + path)
}
