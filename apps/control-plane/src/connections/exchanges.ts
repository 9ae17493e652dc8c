import { LightflusError } from '@lightflus/api'
import { Inject, Injectable } from '@nestjs/common'
import type { Config } from '../config/config.ts'
import type { TenantTransaction } from '../database/database.ts'
import { CONFIG } from '../platform/platform.module.ts'
import { ConnectionSecrets, type ResolvedConnection } from './connection-secrets.ts'

/** Over how many workers a deployment's slots are spread, and through which Kafka these exchange records. */
export interface Spread {
  readonly parallelism: number
  readonly workers: number
  /** Name of a connection; null: the platform's own Kafka. */
  readonly exchange: string | null
}

/** Knows the Kafka through which the workers of a deployment exchange records, where there are several. */
@Injectable()
export class Exchanges {
  readonly #config: Config
  readonly #secrets: ConnectionSecrets

  constructor(@Inject(CONFIG) config: Config, secrets: ConnectionSecrets) {
    this.#config = config
    this.#secrets = secrets
  }

  /** @throws LF_WORKERS_SLOTS, LF_WORKERS_EXCHANGE, LF_CONNECTION_MISSING, LF_CONNECTION_KIND */
  async assertFits(tx: TenantTransaction, job: string, spread: Spread): Promise<void> {
    const { parallelism, workers } = spread
    if (workers > parallelism)
      throw new LightflusError(
        'LF_WORKERS_SLOTS',
        `Job ${job} cannot run on ${workers} workers: it has ${parallelism} ${parallelism === 1 ? 'slot' : 'slots'}, and each worker needs one.`,
        { details: { job } },
      )
    if (workers > 1) await this.require(tx, job, spread)
  }

  /**
   * The exchange of a deployment on several workers, with its secrets.
   * @throws LF_WORKERS_EXCHANGE, LF_CONNECTION_MISSING, LF_CONNECTION_KIND
   */
  async require(
    tx: TenantTransaction,
    job: string,
    { workers, exchange }: Pick<Spread, 'workers' | 'exchange'>,
  ): Promise<ResolvedConnection> {
    const details = { job }
    const named = exchange === null ? this.#config.exchange : (await this.#secrets.resolve(tx, [exchange]))[0]
    if (named === null)
      throw new LightflusError(
        'LF_WORKERS_EXCHANGE',
        `Job ${job} cannot run on ${workers} workers: the platform has no Kafka of its own for their exchange.`,
        { details },
      )
    if (named === undefined)
      throw new LightflusError(
        'LF_CONNECTION_MISSING',
        `The workers of job ${job} are to exchange records by connection '${exchange}', which does not exist.`,
        { details },
      )
    if (named.kind !== 'kafka')
      throw new LightflusError(
        'LF_CONNECTION_KIND',
        `The workers of job ${job} exchange records by Kafka; connection ${exchange} is of kind ${named.kind}.`,
        { details },
      )
    return named
  }
}
