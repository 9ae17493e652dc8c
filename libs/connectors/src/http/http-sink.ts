import { randomUUID } from 'node:crypto'
import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, FormerOutput, SinkCommits, SinkWriter } from '@lightflus/engine'
import { BatchWriter } from '../batch-writer.ts'
import { at, authError, connectError, lostError, networkTrouble, targetError, type Peer } from '../connection-errors.ts'
import { connectionOf } from '../connection-options.ts'
import { pause } from '../pause.ts'
import { unlessRejected } from '../unless-rejected.ts'
import { HttpClient, type HttpAnswer } from './http-client.ts'
import { addressOf, httpOptions, httpPeer } from './http-options.ts'
import { keyOfAll, RecordKeys } from './record-keys.ts'

export interface HttpSinkOptions {
  readonly path: string
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly body: 'batch' | 'record'
  readonly batchRecords: number
  readonly timeoutMs: number
}

interface HttpRecord {
  readonly key: string
  /** JSON. */
  readonly text: string
}

const batchBytesMax = 1024 * 1024
/** How long it tries on, milliseconds: a service that limits its callers asks for minutes. */
const patienceMs = 120_000
const firstPauseMs = 250
const pauseMaxMs = 10_000
const again = new Set([408, 425, 429])

/**
 * Sends records as JSON, a request at a time and in order; a flush waits until all of them are answered. Delivery is at least
 * once: it takes part in checkpoints only to make the same keys for records that it writes again.
 */
export class HttpSink implements SinkWriter {
  readonly commits?: SinkCommits
  readonly #context: ConnectorContext<'sink'>
  readonly #options: HttpSinkOptions
  readonly #peer: Peer
  readonly #client: HttpClient
  readonly #url: URL
  readonly #closing = new AbortController()
  readonly #signal: AbortSignal
  readonly #batches: BatchWriter<HttpRecord>
  readonly #keys: RecordKeys
  #bytes = 0

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as HttpSinkOptions
    const connection = connectionOf(context, 'http')
    const options = httpOptions(connection)
    this.#peer = httpPeer(connection, options)
    this.#client = new HttpClient(options)
    this.#url = addressOf(options, this.#options.path)
    this.#signal = AbortSignal.any([context.signal, this.#closing.signal])
    const { body, batchRecords } = this.#options
    const send = (records: readonly HttpRecord[]) => this.#send(records)
    this.#batches = new BatchWriter({ itemsMax: body === 'record' ? 1 : batchRecords, bytesMax: batchBytesMax, send })
    const { checkpoints, operator, subtask } = context
    const place = [checkpoints?.lineage ?? randomUUID(), operator.node.id, subtask.index]
    this.#keys = new RecordKeys(JSON.stringify(place), `attempt ${checkpoints?.attempt ?? 0}`)
    if (!checkpoints) return
    this.commits = {
      resume: (former) => this.#resume(former),
      prepare: (checkpoint) => this.#prepare(checkpoint),
      // All of it is there already.
      commit: () => Promise.resolve(),
    }
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  /** Without a checkpoint of its own it keeps to keys that no other attempt makes: what is written again is then doubled. */
  #resume({ prepared }: FormerOutput): Promise<void> {
    const own = prepared.find(({ subtask }) => subtask === this.#context.subtask.index)
    if (own) this.#keys.startAfter(`checkpoint ${own.checkpoint}`)
    return Promise.resolve()
  }

  async #prepare(checkpoint: number): Promise<unknown> {
    await this.#batches.flush()
    this.#keys.startAfter(`checkpoint ${checkpoint}`)
    return { checkpoint }
  }

  write(values: readonly unknown[]): void | Promise<void> {
    const { value: valueOf, idempotencyKey } = this.#context.operator.functions
    for (const [index, record] of values.entries())
      unlessRejected(this.#context.rejectRecord, index, () => {
        const text = textOf(valueOf ? valueOf(record) : record)
        const key = idempotencyKey ? ownKey(idempotencyKey(record)) : this.#keys.keyOf(text)
        const bytes = Buffer.byteLength(text) + key.length + 20
        this.#bytes += bytes
        this.#batches.add({ key, text }, bytes)
      })
    return this.#batches.ready()
  }

  /** Sends them; where some are refused, half of them at a time, so that only those are rejected. */
  async #send(records: readonly HttpRecord[]): Promise<void> {
    const answer = await this.#request(records)
    if (answer.status < 300) return
    if (records.length > 1) {
      const half = records.length >> 1
      await this.#send(records.slice(0, half))
      return this.#send(records.slice(half))
    }
    this.#context.rejectRecord(
      new LightflusError('LF_HTTP_REFUSED', `${at(this.#peer)} ${said(answer)}`, {
        details: { connection: this.#peer.connection, status: answer.status },
      }),
    )
  }

  /** @returns an answer that is good, or says that the records are not */
  async #request(records: readonly HttpRecord[]): Promise<HttpAnswer> {
    const since = performance.now()
    for (let tries = 0; ; tries++) {
      let failure: unknown
      let waitMs: number | undefined
      try {
        const answer = await this.#client.send(this.#url, {
          ...{ method: this.#options.method, timeoutMs: this.#options.timeoutMs, signal: this.#signal },
          ...this.#content(records),
        })
        if (!again.has(answer.status) && answer.status < 500) return this.#fitting(answer)
        failure = new Error(said(answer))
        waitMs = answer.retryAfterMs
      } catch (thrown) {
        failure = thrown
        const trouble = networkTrouble(thrown)?.trouble
        if (this.#signal.aborted || trouble === undefined || trouble === 'tls') throw this.#failed(thrown)
      }
      const forMs = performance.now() - since
      if (forMs >= patienceMs) throw lostError(this.#peer, forMs, failure)
      // With jitter, so that many writers do not come back at once.
      const backOffMs = Math.min(pauseMaxMs, firstPauseMs * 2 ** Math.min(tries, 10)) * (0.5 + Math.random() / 2)
      await pause(Math.min(Math.max(backOffMs, waitMs ?? 0), patienceMs), this.#signal)
      if (this.#signal.aborted) throw this.#failed(failure)
    }
  }

  #failed(thrown: unknown): unknown {
    return thrown instanceof LightflusError ? thrown : (connectError(thrown, this.#peer) ?? thrown)
  }

  /** @throws where the answer is about the address and not about the records */
  #fitting(answer: HttpAnswer): HttpAnswer {
    const { status, location } = answer
    if (status === 401 || status === 403) throw authError(this.#peer, said(answer))
    if (status >= 300 && status < 400)
      throw targetError(
        this.#peer,
        `it leads elsewhere (${status}${location ? ` to ${location}` : ''}), which is not followed; give the connection that address`,
      )
    if (status === 404 || status === 405) throw targetError(this.#peer, `${this.#url.pathname}: it ${said(answer)}`)
    return answer
  }

  #content(records: readonly HttpRecord[]): { readonly headers: Record<string, string>; readonly body: Buffer } {
    const [first] = records
    const isAlone = this.#options.body === 'record'
    const text = isAlone
      ? first!.text
      : `[${records.map((each) => `{"key":${JSON.stringify(each.key)},"value":${each.text}}`).join(',')}]`
    const key = isAlone ? headerText(first!.key) : keyOfAll(records.map((each) => each.key))
    return { headers: { 'content-type': 'application/json', 'idempotency-key': key }, body: Buffer.from(text) }
  }

  flush(): Promise<void> {
    return this.#batches.flush()
  }

  bytesWritten(): number {
    return this.#bytes
  }

  close(): Promise<void> {
    this.#batches.close()
    this.#closing.abort()
    this.#client.close()
    return Promise.resolve()
  }
}

const said = ({ status, text }: HttpAnswer): string => `answered ${status}${text === '' ? '' : `: ${text}`}`

/** @throws LF_SINK_VALUE */
function textOf(value: unknown): string {
  const text: unknown = JSON.stringify(value, (_name, field: unknown) =>
    typeof field === 'bigint' ? field.toString() : field,
  )
  if (typeof text === 'string') return text
  throw new LightflusError('LF_SINK_VALUE', `value() yielded ${typeof value}, which is nothing that JSON can hold`)
}

/** @throws LF_SINK_VALUE */
function ownKey(key: unknown): string {
  if (typeof key === 'string' && key !== '') return key
  throw new LightflusError(
    'LF_SINK_VALUE',
    `idempotencyKey() yielded ${typeof key}, but it must be text that is not empty`,
  )
}

/** What a header cannot hold is written as in an address. */
const headerText = (key: string): string => (/^[\x21-\x7e]+$/.test(key) ? key : encodeURIComponent(key.toWellFormed()))
