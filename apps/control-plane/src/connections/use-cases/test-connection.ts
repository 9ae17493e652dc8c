import { toLightflusError } from '@lightflus/api'
import type { RouteOutput } from '@lightflus/contracts'
import { Inject, Injectable } from '@nestjs/common'
import type { Config } from '../../config/config.ts'
import { Database } from '../../database/database.ts'
import { CONFIG } from '../../platform/platform.module.ts'
import { ConnectionSecrets, type ResolvedConnection } from '../connection-secrets.ts'
import { requireConnection } from '../connection-use.ts'
import { assertExternalHosts, hostsOf } from '../internal-addresses.ts'

const testMsMax = 15_000

/** Tries a connection out and says what answered, or what is wrong with it. */
@Injectable()
export class TestConnection {
  readonly #database: Database
  readonly #secrets: ConnectionSecrets
  readonly #config: Config

  constructor(database: Database, secrets: ConnectionSecrets, @Inject(CONFIG) config: Config) {
    this.#database = database
    this.#secrets = secrets
    this.#config = config
  }

  /** @throws LF_CONNECTION_NOT_FOUND; all else that is wrong is the answer */
  async execute({
    tenantId,
    name,
  }: {
    readonly tenantId: string
    readonly name: string
  }): Promise<RouteOutput<'testConnection'>> {
    const connection = await this.#database.tenant(tenantId, async (tx) =>
      this.#secrets.open(await requireConnection(tx, name)),
    )
    try {
      // Looked up anew: a name may have come to point elsewhere since it was stored.
      if (!this.#config.embedded) await assertExternalHosts(hostsOf(connection.options))
      return { ok: true, summary: await tryOut(connection), code: null, nextStep: null }
    } catch (thrown) {
      const error = toLightflusError(thrown, 'LF_CONNECTION_FAILED', `Connection ${name} could not be tested.`)
      return { ok: false, summary: error.message, code: error.code, nextStep: error.nextStep }
    }
  }
}

async function tryOut(connection: ResolvedConnection): Promise<string> {
  // Loaded when first needed: the clients of all outside systems hang on it.
  const { loadConnector } = await import('@lightflus/connectors')
  const test = (await loadConnector(connection.kind))?.testConnection
  if (!test) throw new Error(`connector ${connection.kind} has no test`)
  return (await test(connection, AbortSignal.timeout(testMsMax))).summary
}
