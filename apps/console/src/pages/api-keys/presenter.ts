import type { RouteOutput } from '@lightflus/contracts'
import { formatAgo, formatDate, formatDateTime, formatSpan } from '../../format/times.ts'

type ApiKey = RouteOutput<'listApiKeys'>['items'][number]

export interface ApiKeyRow {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly role: string
  readonly created: string
  readonly createdTitle: string
  readonly lastUsed: string
  readonly expires: string
  /** Expired, or soon. */
  readonly tone: 'neutral' | 'warning' | 'bad'
}

const soonMs = 14 * 86_400_000

/** Newest first. */
export function presentApiKeys(keys: readonly ApiKey[], now: number): readonly ApiKeyRow[] {
  return keys
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .map((key) => {
      const created = Date.parse(key.createdAt)
      return {
        id: key.id,
        name: key.name,
        prefix: `${key.prefix}…`,
        role: key.role,
        created: formatAgo(created, now),
        createdTitle: formatDateTime(created),
        lastUsed: key.lastUsedAt === null ? 'never' : formatAgo(Date.parse(key.lastUsedAt), now),
        ...expiryOf(key.expiresAt, now),
      }
    })
}

function expiryOf(expiresAt: string | null, now: number): Pick<ApiKeyRow, 'expires' | 'tone'> {
  if (expiresAt === null) return { expires: 'never', tone: 'neutral' }
  const at = Date.parse(expiresAt)
  if (at <= now) return { expires: `expired ${formatDate(at)}`, tone: 'bad' }
  if (at - now < soonMs) return { expires: `in ${formatSpan(at - now)}`, tone: 'warning' }
  return { expires: formatDate(at), tone: 'neutral' }
}
