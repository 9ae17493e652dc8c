import { LightflusError } from '@lightflus/api'
import { PrismaPg } from '@prisma/adapter-pg'
import { Prisma, PrismaClient } from '../generated/client.ts'
import { databaseError } from './database-error.ts'
import { migrationStatus } from './migrate.ts'
import { PlatformQueries } from './platform-queries.ts'

/** A transaction that sees the rows of one tenant and no others. */
export interface TenantTransaction {
  readonly tenantId: string
  readonly client: Prisma.TransactionClient
}

export interface DatabaseOptions {
  readonly url: string
  readonly connectionsMax: number
  readonly onError: (error: unknown) => void
}

/** Connections kept for the platform's narrow paths, beside those of tenants. */
const platformConnectionsMax = 2
/** Longest a transaction waits for a connection, and longest it may take, milliseconds. */
const transactionWaitMsMax = 10_000
const transactionMsMax = 30_000

/**
 * Postgres, as the control plane may use it: rows of one tenant at a time in {@link tenant}, or the few queries of
 * {@link platform}. Connections take their role on at connecting and cannot give it back, so there is no statement
 * that sees every tenant.
 */
export class Database {
  readonly platform: PlatformQueries
  readonly #prisma: PrismaClient
  readonly #url: string

  constructor(options: DatabaseOptions) {
    this.#url = options.url
    const adapter = new PrismaPg(
      {
        connectionString: options.url,
        max: Math.max(1, options.connectionsMax - platformConnectionsMax),
        application_name: 'lightflus',
        options: '-c role=lightflus_app',
      },
      { onPoolError: options.onError, onConnectionError: options.onError },
    )
    // Its other formats print a statement's values, which may be secrets, into messages that are logged.
    this.#prisma = new PrismaClient({ adapter, errorFormat: 'minimal' })
    this.platform = new PlatformQueries(options.url, platformConnectionsMax, options.onError)
  }

  /** Runs the work in one transaction as the tenant; it is undone if the work throws. */
  async tenant<T>(tenantId: string, work: (tx: TenantTransaction) => Promise<T>): Promise<T> {
    return this.#prisma.$transaction(
      async (client) => {
        await client.$executeRaw`SELECT set_config('app.tenant_id', ${tenantId}, true)`
        return work({ tenantId, client })
      },
      { maxWait: transactionWaitMsMax, timeout: transactionMsMax },
    )
  }

  /**
   * Refuses a database that is not as this release needs it.
   * @throws LF_DATABASE_UNREACHABLE, LF_DATABASE_NOT_MIGRATED, LF_DATABASE_NEWER, LF_DATABASE_DIVERGED, LF_DATABASE_ROLE
   */
  async assertUsable(): Promise<void> {
    const { pending } = await migrationStatus(this.#url)
    if (pending.length > 0)
      throw new LightflusError(
        'LF_DATABASE_NOT_MIGRATED',
        `The database lacks ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`}, first ${pending[0]}.`,
      )
    const roles = await this.platform.unsafeRoles().catch((error: unknown) => {
      throw databaseError(error, this.#url)
    })
    if (roles.length > 0)
      throw new LightflusError('LF_DATABASE_ROLE', `Role ${roles.join(', ')} may see every tenant’s rows.`)
  }

  async close(): Promise<void> {
    await Promise.all([this.#prisma.$disconnect(), this.platform.close()])
  }
}

/** Whether a row could not be written since one like it (a name, a key) exists. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
}
