import type { RouteOutput, Usage } from '@lightflus/contracts'
import type { Session } from './command.ts'
import type { Platform } from './platform.ts'
import { agoText, bytesText, spanText, tableText } from './printer.ts'

/** Lists that two commands show: `connections list` and `get connections`, and so on. */

export async function showConnections({ printer }: Session, { client }: Platform): Promise<void> {
  const { items } = await client.listConnections({ query: { limit: 200 } })
  printer.result(items, () =>
    items.length === 0
      ? 'No connections yet. Make one with: lightflus connections set NAME'
      : tableText(
          printer.colors,
          ['name', 'kind', 'address', 'changed'],
          items.map((item) => [item.name, item.kind, addressText(item.options), agoText(item.updatedAt, Date.now())]),
        ),
  )
}

function addressText(options: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(options.brokers)) return options.brokers.join(',')
  return `${String(options.host)}:${String(options.port)}${options.database === undefined ? '' : `/${String(options.database)}`}`
}

export async function showApiKeys({ printer }: Session, { client }: Platform): Promise<void> {
  const { items } = await client.listApiKeys({ query: { limit: 200 } })
  printer.result(items, () =>
    items.length === 0
      ? 'No API keys yet. Make one with: lightflus api-keys create NAME'
      : tableText(
          printer.colors,
          ['id', 'name', 'begins with', 'role', 'expires', 'last used'],
          items.map((key) => [
            key.id,
            key.name,
            key.prefix,
            key.role,
            key.expiresAt?.slice(0, 10) ?? 'never',
            key.lastUsedAt ? agoText(key.lastUsedAt, Date.now()) : 'never',
          ]),
        ),
  )
}

type Checkpoint = RouteOutput<'listCheckpoints'>['items'][number]

export async function showCheckpoints({ printer }: Session, { client }: Platform, name: string): Promise<void> {
  const { items } = await client.listCheckpoints({ params: { name }, query: { limit: 200 } })
  printer.result(items, () =>
    items.length === 0 ? `Job ${name} has made no checkpoint yet.` : checkpointsText(printer.colors, items),
  )
}

export const checkpointsText = (colors: Session['printer']['colors'], checkpoints: readonly Checkpoint[]): string =>
  tableText(
    colors,
    ['number', 'kind', 'made', 'took', 'aligned', 'paused', 'committed', 'size', 'attempt'],
    checkpoints.map(({ checkpoint, kind, completedAt, durationMs, bytes, attempt, ...costs }) => [
      String(checkpoint),
      kind,
      agoText(new Date(completedAt).toISOString(), Date.now()),
      spanText(durationMs),
      spanText(costs.alignmentMs),
      spanText(costs.pauseMs),
      spanText(costs.commitMs),
      bytesText(bytes),
      String(attempt),
    ]),
  )

export interface UsageFilter {
  readonly from?: string
  readonly to?: string
  readonly job?: string
}

export async function showUsage(
  { printer }: Session,
  { client }: Platform,
  { from, to, job }: UsageFilter,
): Promise<void> {
  const instant = (text: string) => new Date(text).toISOString()
  const usage = await client.getUsage({
    query: { ...(from ? { from: instant(from) } : {}), ...(to ? { to: instant(to) } : {}), ...(job ? { job } : {}) },
  })
  printer.result(usage, ({ hours, total }) =>
    hours.length === 0
      ? 'Nothing was used in this time.'
      : tableText(
          printer.colors,
          ['hour (UTC)', 'job', 'slot-seconds', 'records in', 'records out', 'bytes in', 'bytes out'],
          [
            ...hours.map((row) => [row.hour.slice(0, 16).replace('T', ' '), row.job, ...amounts(row)]),
            ['total', '', ...amounts(total)],
          ],
        ),
  )
}

const amounts = (use: Usage['total']): (string | number)[] => [
  Math.round(use.slotSeconds * 10) / 10,
  use.recordsIn,
  use.recordsOut,
  bytesText(use.bytesIn),
  bytesText(use.bytesOut),
]
