import { setTimeout as pause } from 'node:timers/promises'
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common'
import pg from 'pg'
import type { Config } from '../config/config.ts'
import { CONFIG } from '../platform/platform.module.ts'
import { liveChannel, liveKinds, type LiveKind, type LiveNotice } from './notify.ts'

export interface LiveListener {
  /** These parts of the job may have changed. */
  readonly changed: (kinds: readonly LiveKind[]) => void
  /** The control plane ends. */
  readonly ended: () => void
}

const retryMs = 1_000

/**
 * Hears of every change of every job over one connection to Postgres, and passes it on to the streams of that job. Which
 * control plane made the change does not matter. After a lost connection everything counts as changed.
 */
@Injectable()
export class LiveHub implements BeforeApplicationShutdown {
  readonly #url: string
  readonly #listeners = new Map<string, Set<LiveListener>>()
  readonly #logger = new Logger('Live')
  #client: pg.Client | undefined
  #connecting: Promise<void> | undefined
  #closed = false

  constructor(@Inject(CONFIG) config: Config) {
    this.#url = config.databaseUrl
  }

  /** Resolves once changes are heard from then on. Returns what ends the subscription. */
  async subscribe(tenantId: string, jobId: string, listener: LiveListener): Promise<() => void> {
    const key = `${tenantId}/${jobId}`
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
    const unsubscribe = () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(key)
    }
    try {
      await this.#connected()
    } catch (error) {
      unsubscribe()
      throw error
    }
    return unsubscribe
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#closed = true
    for (const listener of this.#all()) listener.ended()
    await this.#client?.end()
  }

  /** The connection is made with the first stream: without a viewer there is nothing to hear. */
  #connected(): Promise<void> {
    this.#connecting ??= this.#connect().catch((error: unknown) => {
      this.#connecting = undefined
      throw error
    })
    return this.#connecting
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'lightflus-live',
      options: '-c role=lightflus_app',
      keepAlive: true,
    })
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''))
    client.on('error', (error) => this.#logger.warn({ err: error }, 'The connection for live streams broke.'))
    await client.connect()
    await client.query(`LISTEN ${pg.escapeIdentifier(liveChannel)}`)
    this.#client = client
    client.once('end', () => void this.#reconnect())
  }

  async #reconnect(): Promise<void> {
    while (!this.#closed) {
      this.#connecting = this.#connect()
      try {
        await this.#connecting
        for (const listener of this.#all()) listener.changed(liveKinds)
        return
      } catch {
        this.#connecting = undefined
        await pause(retryMs)
      }
    }
  }

  #hear(payload: string): void {
    const { tenantId, jobId, kinds } = JSON.parse(payload) as LiveNotice
    for (const listener of this.#listeners.get(`${tenantId}/${jobId}`) ?? []) listener.changed(kinds)
  }

  #all(): LiveListener[] {
    return [...this.#listeners.values()].flatMap((listeners) => [...listeners])
  }
}
