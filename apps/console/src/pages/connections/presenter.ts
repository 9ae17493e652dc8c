import type { ConnectionView } from '@lightflus/contracts'
import { formatAgo, formatDateTime } from '../../format/times.ts'

export interface ConnectionRow {
  readonly name: string
  readonly kind: ConnectionView['kind']
  readonly address: string
  readonly addressTitle: string
  /** Who it signs in as, and whether the line is encrypted. */
  readonly security: string
  readonly updated: string
  readonly updatedTitle: string
}

export function presentConnections(
  connections: readonly ConnectionView[],
  wanted: string | undefined,
  now: number,
): readonly ConnectionRow[] {
  const text = (wanted ?? '').trim().toLowerCase()
  return connections
    .map((connection) => presentConnection(connection, now))
    .filter(({ name, kind, addressTitle }) =>
      [name, kind, addressTitle].some((part) => part.toLowerCase().includes(text)),
    )
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

function presentConnection({ name, kind, options, updatedAt }: ConnectionView, now: number): ConnectionRow {
  const addresses = addressesOf(kind, options)
  const at = Date.parse(updatedAt)
  return {
    name,
    kind,
    address: addresses.length > 1 ? `${addresses[0]} and ${addresses.length - 1} more` : (addresses[0] ?? ''),
    addressTitle: addresses.join('\n'),
    security: [userOf(options), isEncrypted(options) ? 'TLS' : 'not encrypted']
      .filter((part) => part !== undefined)
      .join(', '),
    updated: formatAgo(at, now),
    updatedTitle: formatDateTime(at),
  }
}

type Options = ConnectionView['options']

function addressesOf(kind: ConnectionView['kind'], options: Options): readonly string[] {
  if (kind === 'kafka') return Array.isArray(options.brokers) ? options.brokers.map(String) : []
  if (kind === 'http') return [String(options.url)]
  const database = options.database === undefined ? '' : `/${String(options.database)}`
  return [`${String(options.host)}:${String(options.port)}${database}`]
}

const isEncrypted = ({ tls, url }: Options): boolean => Boolean(tls) || String(url).startsWith('https:')

function userOf(options: Options): string | undefined {
  const sasl = options.sasl as Options | undefined
  const user: unknown = options.user ?? options.username ?? sasl?.username ?? sasl?.clientId
  return typeof user === 'string' && user !== '' ? `as ${user}` : undefined
}
