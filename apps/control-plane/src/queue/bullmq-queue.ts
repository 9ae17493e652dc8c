import { LightflusError } from '@lightflus/api'
import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import { setTimeout as delay } from 'node:timers/promises'
import { retryDelay } from './retry-delay.ts'
import {
  type ConsumeOptions,
  type QueueName,
  retriesMax,
  type WakeErrorListener,
  type WakeHandler,
  type WorkQueue,
} from './work-queue.ts'

export interface BullmqQueueOptions {
  /** `redis://[user:password@]host:port[/database]` or `rediss://`; Redis 6.2 or newer. */
  readonly url: string
  /** Start of every Redis key, so that several platforms may share a server. Default `lightflus`. */
  readonly prefix?: string
  readonly onError: WakeErrorListener
  /**
   * How long a wake-up in hand stays with a control plane that no longer renews its claim; milliseconds, default
   * 10,000. Lower: the work of a killed control plane is taken over sooner. Raise when stalls of the event loop are
   * longer than this, or handlers run twice at once.
   */
  readonly lockMs?: number
}

/**
 * What a BullMQ job means here. `wake` runs the handler. The other two only give a `wake` when their time comes: a
 * delayed wake-up, and the beat of `every`. So what waits for a key is deduplicated in one place, and a delayed
 * wake-up never stands in the way of one that is due now.
 */
type WakeJob = Job<{ readonly key: string }, void>
type Lane = Queue<{ readonly key: string }, void>
type Consumer = Worker<{ readonly key: string }, void>

/** BullMQ counts a job that its control plane left behind as stalled; a wake-up may go through that any number of times. */
const stalledMax = 1_000_000

/** How long a command may wait for Redis before the call fails, milliseconds. */
const commandTimeoutMs = 5_000

/** The driver for one or many control planes that share a Redis. */
export class BullmqQueue implements WorkQueue {
  readonly kind = 'bullmq'
  readonly #options: Required<BullmqQueueOptions>
  readonly #producer: Redis
  readonly #lanes = new Map<QueueName, Promise<Lane>>()
  readonly #workers = new Map<QueueName, { readonly worker: Consumer; readonly connections: readonly Redis[] }>()
  readonly #beats = new Map<string, NodeJS.Timeout>()
  readonly #inHand = new Set<Promise<void>>()
  #closed = false

  constructor(options: BullmqQueueOptions) {
    this.#options = { prefix: 'lightflus', lockMs: 10_000, ...options }
    // Fails soon instead of queueing commands: whoever wakes has Postgres as truth and a periodic pass behind it.
    this.#producer = connect(options.url, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      commandTimeout: commandTimeoutMs,
    })
  }

  async wake(queue: QueueName, key: string, options: { readonly delayMs?: number } = {}): Promise<void> {
    if (this.#closed) return
    const delayMs = options.delayMs ?? 0
    await this.#reach(queue, (lane) => (delayMs > 0 ? wakeLater(lane, key, delayMs) : wakeNow(lane, key)))
  }

  async every(queue: QueueName, key: string, intervalMs: number): Promise<void> {
    if (this.#closed) return
    const id = `${queue} ${key}`
    clearInterval(this.#beats.get(id))
    // Redis may be away now or come back without its data, and with the beat would go what repairs everything else.
    const restore = async (lane: Lane) => {
      if (!(await lane.getJobScheduler(key))) await schedule(lane, key, intervalMs)
    }
    this.#beats.set(id, setInterval(() => void this.#reach(queue, restore).catch(() => undefined), intervalMs).unref())
    await this.#reach(queue, async (lane) => {
      await schedule(lane, key, intervalMs)
      await wakeNow(lane, key)
    })
  }

  consume(queue: QueueName, handler: WakeHandler, options: ConsumeOptions): void {
    if (this.#workers.has(queue)) throw new Error(`Queue ${queue} already has a handler in this process.`)
    // A consumer waits as long as it takes for Redis to come back; BullMQ demands exactly this setting.
    const connection = connect(this.#options.url, { maxRetriesPerRequest: null })
    const connections = [connection]
    // BullMQ makes a second one to block on, and forgets it when it is closed while Redis is away.
    const duplicate = connection.duplicate.bind(connection)
    connection.duplicate = (override) => {
      const copy = duplicate(override)
      connections.push(copy)
      return copy
    }
    const worker: Consumer = new Worker(queue, (job) => this.#handle(queue, handler, job), {
      connection,
      prefix: this.#options.prefix,
      concurrency: options.concurrency,
      lockDuration: this.#options.lockMs,
      stalledInterval: this.#options.lockMs,
      maxStalledCount: stalledMax,
      settings: { backoffStrategy: (attemptsMade) => retryDelay(attemptsMade) },
    })
    // Lost connections: both clients reconnect by themselves, and ping() tells.
    worker.on('error', () => undefined)
    this.#workers.set(queue, { worker, connections })
  }

  async ping(): Promise<void> {
    await this.#reach('maintenance', () => this.#producer.ping())
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const beat of this.#beats.values()) clearInterval(beat)
    await Promise.all(
      Array.from(this.#workers.values(), async ({ worker, connections }) => {
        await Promise.race([worker.close(), this.#handled()])
        for (const connection of connections) connection.disconnect()
      }),
    )
    await Promise.all(Array.from(this.#lanes.values(), (lane) => lane.then((open) => open.close())))
    this.#producer.disconnect()
  }

  /**
   * Settles when no handler is at work and Redis had its time to hear of it. BullMQ itself waits without end: a wake-up
   * whose outcome is unsaid when Redis goes away would keep a control plane from ever stopping. Unsaid, it is run again.
   */
  async #handled(): Promise<void> {
    while (this.#inHand.size > 0) await Promise.allSettled(this.#inHand)
    await delay(commandTimeoutMs, undefined, { ref: false })
  }

  async #handle(queue: QueueName, handler: WakeHandler, job: WakeJob): Promise<void> {
    if (job.name !== 'wake') return wakeNow(await this.#lane(queue), job.data.key)
    const handling = handler(job.data.key).finally(() => this.#inHand.delete(handling))
    this.#inHand.add(handling)
    try {
      await handling
    } catch (error) {
      this.#options.onError(queue, job.data.key, error)
      throw job.attemptsMade < retriesMax ? error : new UnrecoverableError('Tried too often')
    }
  }

  #lane(name: QueueName): Promise<Lane> {
    let lane = this.#lanes.get(name)
    if (!lane) {
      // A queue whose first words with Redis fail stays unusable: the next caller makes another.
      lane = openLane(name, this.#producer, this.#options.prefix).catch((error) => {
        this.#lanes.delete(name)
        throw error
      })
      this.#lanes.set(name, lane)
    }
    return lane
  }

  async #reach<T>(queue: QueueName, act: (lane: Lane) => Promise<T>): Promise<T> {
    try {
      if (this.#producer.status !== 'ready') await ready(this.#producer)
      return await act(await this.#lane(queue))
    } catch (cause) {
      throw new LightflusError('LF_QUEUE_UNREACHABLE', `Redis at ${address(this.#options.url)} does not answer.`, {
        cause,
      })
    }
  }
}

async function openLane(name: QueueName, connection: Redis, prefix: string): Promise<Lane> {
  const defaultJobOptions = { removeOnComplete: true, removeOnFail: true }
  const lane: Lane = new Queue(name, { connection, prefix, defaultJobOptions })
  lane.on('error', () => undefined)
  try {
    await lane.waitUntilReady()
  } catch (error) {
    await lane.close()
    throw error
  }
  return lane
}

/** Waits for a connection that is just being made; rejects when that takes too long or it was closed. */
function ready(client: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      clearTimeout(timer)
      client.off('ready', onReady)
      client.off('error', settle)
      if (error) reject(error)
      else resolve()
    }
    const onReady = () => settle()
    const timer = setTimeout(() => settle(new Error(`no connection within ${commandTimeoutMs} ms`)), commandTimeoutMs)
    client.on('ready', onReady)
    client.on('error', settle)
  })
}

function connect(url: string, options: RedisOptions): Redis {
  const client = new Redis(url, { ...options, retryStrategy: (times: number) => Math.min(50 * 2 ** times, 2_000) })
  client.on('error', () => undefined)
  return client
}

/** Host and port only: the URL may hold a password. */
function address(url: string): string {
  return URL.parse(url)?.host ?? 'the given address'
}

const retries = { attempts: retriesMax + 1, backoff: { type: 'custom' } } as const

/**
 * `keepLastIfActive` keeps one more run for a key that is being handled; `replace` lets a wake-up that is due now take
 * the place of a failed one that waits for its retry.
 */
async function wakeNow(lane: Lane, key: string): Promise<void> {
  const later = await lane.getDeduplicationJobId(laterId(key))
  if (later) await lane.remove(later)
  await lane.add('wake', { key }, { ...retries, deduplication: { id: key, keepLastIfActive: true, replace: true } })
}

async function wakeLater(lane: Lane, key: string, delayMs: number): Promise<void> {
  if (await isWaiting(lane, key)) return
  const deduplication = { id: laterId(key), keepLastIfActive: true }
  const added = await lane.add('later', { key }, { delay: delayMs, deduplication })
  const kept = added.id === undefined ? undefined : await lane.getJob(added.id)
  if (kept && kept.timestamp + kept.delay > added.timestamp + delayMs) {
    await lane.add('later', { key }, { delay: delayMs, deduplication: { ...deduplication, replace: true } })
  }
}

/** True: a wake-up that is due now waits for the key already, and one that is due later adds nothing. */
async function isWaiting(lane: Lane, key: string): Promise<boolean> {
  const id = await lane.getDeduplicationJobId(key)
  return typeof id === 'string' && (await lane.getJobState(id)) === 'waiting'
}

/** The colon keeps it apart from every key. */
function laterId(key: string): string {
  return `${key}:later`
}

async function schedule(lane: Lane, key: string, intervalMs: number): Promise<void> {
  await lane.upsertJobScheduler(key, { every: intervalMs }, { name: 'beat', data: { key } })
}
