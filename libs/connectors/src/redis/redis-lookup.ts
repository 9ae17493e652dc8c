import { LightflusError, type Key } from '@lightflus/api'
import type { Lookup, LookupContext } from '@lightflus/engine'
import type { Redis } from 'ioredis'
import { connectionOf } from '../connection-options.ts'
import type { Session } from '../session.ts'
import { CommandError } from './redis-errors.ts'
import { redisOptions, redisPeer } from './redis-options.ts'
import { redisSession } from './redis-session.ts'

export interface RedisLookupOptions {
  readonly command: 'get' | 'hash'
}

/** Keys asked for at once: few enough not to hold up other clients. */
const keysMax = 1_000

/** Finds what keys hold: texts by MGET, hashes by a pipeline of HGETALL. */
export class RedisLookup implements Lookup {
  readonly #options: RedisLookupOptions
  readonly #session: Session<Redis>
  readonly #closing = new AbortController()
  readonly #keyOf: (key: Key) => unknown

  constructor(context: LookupContext) {
    const { node, functions } = context.operator
    this.#options = node.options['connector'] as unknown as RedisLookupOptions
    this.#keyOf = functions.connector?.['key'] ?? String
    const connection = connectionOf(context, 'redis')
    const options = redisOptions(connection)
    const signal = AbortSignal.any([context.signal, this.#closing.signal])
    this.#session = redisSession(options, redisPeer(connection, options), signal)
  }

  async open(): Promise<void> {
    await this.#session.open()
  }

  async find(keys: readonly Key[]): Promise<readonly unknown[]> {
    const asked = keys.map((key) => this.#redisKey(key))
    const found: unknown[] = []
    for (let from = 0; from < asked.length; from += keysMax) {
      const some = asked.slice(from, from + keysMax)
      found.push(...(await this.#session.run((client) => this.#read(client, some))))
    }
    return found
  }

  #read(client: Redis, keys: readonly string[]): Promise<readonly unknown[]> {
    return this.#options.command === 'get' ? client.mget(...keys) : readHashes(client, keys)
  }

  /** @throws LF_USER_RESULT, LF_USER_FUNCTION */
  #redisKey(key: Key): string {
    let text: unknown
    try {
      text = this.#keyOf(key)
    } catch (thrown) {
      throw new LightflusError('LF_USER_FUNCTION', `key() threw on ${JSON.stringify(key)}: ${String(thrown)}`, {
        cause: thrown,
      })
    }
    if (typeof text === 'string' && text !== '') return text
    throw new LightflusError('LF_USER_RESULT', `key() must yield text that is not empty, not ${typeof text}`)
  }

  close(): Promise<void> {
    this.#closing.abort()
    return Promise.resolve()
  }
}

/** A hash without fields is none: Redis keeps no empty one. */
async function readHashes(client: Redis, keys: readonly string[]): Promise<readonly unknown[]> {
  const answers = (await client.pipeline(keys.map((key) => ['hgetall', key])).exec()) ?? []
  return answers.map(([error, fields], index) => {
    if (error) throw new CommandError(error, keys[index]!)
    return Object.keys(fields as object).length === 0 ? null : fields
  })
}
