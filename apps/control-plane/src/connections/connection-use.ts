import { LightflusError, type Graph } from '@lightflus/api'
import type { TenantTransaction } from '../database/database.ts'
import type { Connection } from '../generated/client.ts'

interface NeedsConnections {
  readonly graph: unknown
}

/**
 * Sees that every connection that a version's operators name exists and is of the connector's kind.
 * @throws LF_CONNECTION_MISSING, LF_CONNECTION_KIND
 */
export async function assertConnectionsFit(tx: TenantTransaction, version: NeedsConnections): Promise<void> {
  const graph = version.graph as Graph
  const uses = graph.operators.filter((operator) => operator.connection !== undefined)
  if (uses.length === 0) return
  const rows = await tx.client.connection.findMany({
    where: { tenantId: tx.tenantId },
    select: { name: true, kind: true },
    orderBy: { name: 'asc' },
  })
  const kinds = new Map(rows.map((row) => [row.name, row.kind]))
  for (const { id, connector, connection = '' } of uses) {
    const kind = kinds.get(connection)
    const details = { job: graph.job, operator: id }
    if (kind === undefined) {
      const known = rows.length > 0 ? `there are ${rows.map(({ name }) => name).join(', ')}` : 'there are none'
      throw new LightflusError(
        'LF_CONNECTION_MISSING',
        `Operator ${id} of job ${graph.job} uses connection '${connection}', which does not exist; ${known}.`,
        { details },
      )
    }
    if (kind !== connector)
      throw new LightflusError(
        'LF_CONNECTION_KIND',
        `Operator ${id} of job ${graph.job} is of kind ${connector}, connection ${connection} is of kind ${kind}.`,
        { details },
      )
  }
}

/** @throws LF_CONNECTION_NOT_FOUND */
export async function requireConnection(tx: TenantTransaction, name: string): Promise<Connection> {
  const where = { tenantId_name: { tenantId: tx.tenantId, name } }
  const connection = await tx.client.connection.findUnique({ where })
  if (!connection) throw new LightflusError('LF_CONNECTION_NOT_FOUND', `There is no connection ${name}.`)
  return connection
}
