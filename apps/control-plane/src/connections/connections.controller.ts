import type { ConnectionKind, ConnectionView, RouteOutput } from '@lightflus/contracts'
import { Controller } from '@nestjs/common'
import { z } from 'zod'
import { Database } from '../database/database.ts'
import type { Connection } from '../generated/client.ts'
import { ApiInput, ApiRoute, type InputOf } from '../http/api-route.ts'
import { type Caller, CurrentCaller } from '../http/caller.ts'
import { decodeCursor, pageOfRows } from '../http/cursor.ts'
import { requireConnection } from './connection-use.ts'
import { DeleteConnection } from './use-cases/delete-connection.ts'
import { PutConnection } from './use-cases/put-connection.ts'
import { TestConnection } from './use-cases/test-connection.ts'

@Controller()
export class ConnectionsController {
  readonly #database: Database
  readonly #put: PutConnection
  readonly #delete: DeleteConnection
  readonly #test: TestConnection

  constructor(database: Database, put: PutConnection, deleteConnection: DeleteConnection, test: TestConnection) {
    this.#database = database
    this.#put = put
    this.#delete = deleteConnection
    this.#test = test
  }

  @ApiRoute('listConnections')
  async list(
    @CurrentCaller() caller: Caller,
    @ApiInput() { query }: InputOf<'listConnections'>,
  ): Promise<RouteOutput<'listConnections'>> {
    const after = decodeCursor(query.cursor, z.string().max(63))
    const rows = await this.#database.tenant(caller.tenantId, (tx) =>
      tx.client.connection.findMany({
        where: { tenantId: tx.tenantId, ...(after === undefined ? {} : { name: { gt: after } }) },
        orderBy: { name: 'asc' },
        take: query.limit + 1,
      }),
    )
    return pageOfRows(rows, query.limit, show, ({ name }) => name)
  }

  @ApiRoute('getConnection')
  async get(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'getConnection'>,
  ): Promise<RouteOutput<'getConnection'>> {
    return show(await this.#database.tenant(caller.tenantId, (tx) => requireConnection(tx, params.name)))
  }

  @ApiRoute('putConnection')
  async put(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params, body }: InputOf<'putConnection'>,
  ): Promise<RouteOutput<'putConnection'>> {
    return show(await this.#put.execute({ tenantId: caller.tenantId, name: params.name, ...body }))
  }

  @ApiRoute('deleteConnection')
  delete(@CurrentCaller() caller: Caller, @ApiInput() { params }: InputOf<'deleteConnection'>): Promise<void> {
    return this.#delete.execute({ tenantId: caller.tenantId, name: params.name })
  }

  @ApiRoute('testConnection')
  test(
    @CurrentCaller() caller: Caller,
    @ApiInput() { params }: InputOf<'testConnection'>,
  ): Promise<RouteOutput<'testConnection'>> {
    return this.#test.execute({ tenantId: caller.tenantId, name: params.name })
  }
}

function show(row: Connection): ConnectionView {
  return {
    name: row.name,
    kind: row.kind as ConnectionKind,
    options: row.options as ConnectionView['options'],
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
