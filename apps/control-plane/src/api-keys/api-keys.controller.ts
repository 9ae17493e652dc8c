import { randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import { roleAllows, type RouteOutput } from '@lightflus/contracts'
import { Controller, Inject } from '@nestjs/common'
import { z } from 'zod'
import { newToken } from '../crypto/tokens.ts'
import { Database } from '../database/database.ts'
import type { ApiKey } from '../generated/client.ts'
import { ApiInput, ApiRoute, type InputOf } from '../http/api-route.ts'
import { type Caller, CurrentCaller } from '../http/caller.ts'
import { decodeCursor, pageOfRows } from '../http/cursor.ts'
import { type Clock, CLOCK } from '../platform/clock.ts'

const prefixLength = 10
const dayMs = 24 * 3_600_000

@Controller()
export class ApiKeysController {
  readonly #database: Database
  readonly #clock: Clock

  constructor(database: Database, @Inject(CLOCK) clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  @ApiRoute('listApiKeys')
  async list(
    @CurrentCaller() caller: Caller,
    @ApiInput() { query }: InputOf<'listApiKeys'>,
  ): Promise<RouteOutput<'listApiKeys'>> {
    const after = decodeCursor(query.cursor, z.uuid())
    const rows = await this.#database.tenant(caller.tenantId, (tx) =>
      tx.client.apiKey.findMany({
        where: { tenantId: tx.tenantId, ...(after ? { id: { gt: after } } : {}) },
        orderBy: { id: 'asc' },
        take: query.limit + 1,
      }),
    )
    return pageOfRows(rows, query.limit, show, (row) => row.id)
  }

  @ApiRoute('createApiKey')
  async create(
    @CurrentCaller() caller: Caller,
    @ApiInput() { body }: InputOf<'createApiKey'>,
  ): Promise<RouteOutput<'createApiKey'>> {
    if (!roleAllows(caller.role, body.role))
      throw new LightflusError(
        'LF_FORBIDDEN',
        `A key of role ${body.role} can be made by that role only; yours is ${caller.role}.`,
      )
    const { token, hash } = newToken('apiKey')
    const now = this.#clock.now()
    const row = await this.#database.tenant(caller.tenantId, (tx) =>
      tx.client.apiKey.create({
        data: {
          tenantId: tx.tenantId,
          id: randomUUID(),
          name: body.name,
          prefix: token.slice(0, prefixLength),
          keyHash: hash,
          role: body.role,
          createdBy: caller.name,
          expiresAt: body.expiresInDays === null ? null : new Date(now + body.expiresInDays * dayMs),
        },
      }),
    )
    return { ...show(row), key: token }
  }

  @ApiRoute('deleteApiKey')
  async delete(@CurrentCaller() caller: Caller, @ApiInput() { params }: InputOf<'deleteApiKey'>): Promise<void> {
    const { count } = await this.#database.tenant(caller.tenantId, (tx) =>
      tx.client.apiKey.deleteMany({ where: { tenantId: tx.tenantId, id: params.id } }),
    )
    if (count === 0) throw new LightflusError('LF_API_KEY_NOT_FOUND', `There is no API key ${params.id}.`)
  }
}

function show(row: ApiKey): RouteOutput<'listApiKeys'>['items'][number] {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    role: row.role,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  }
}
