import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { HttpOptions } from './http-options.ts'

export interface HttpAnswer {
  readonly status: number
  /** How long the other side wants to be left alone. */
  readonly retryAfterMs: number | undefined
  readonly location: string | undefined
  /** The first characters of the body, on one line. */
  readonly text: string
}

export interface HttpRequest {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const shownBytesMax = 300
/** An answer that is longer is not read to its end: its connection is given up. */
const answerBytesMax = 64 * 1024

/** Asks over one connection that is kept; follows no redirect, which could lead where nobody has allowed it to go. */
export class HttpClient {
  readonly #options: HttpOptions
  readonly #agent: HttpAgent | HttpsAgent

  constructor(options: HttpOptions) {
    this.#options = options
    const keep = { keepAlive: true, maxSockets: 1 }
    this.#agent = options.url.protocol === 'https:' ? new HttpsAgent({ ...options.tls, ...keep }) : new HttpAgent(keep)
  }

  /** @throws what the network did */
  async send(url: URL, { method, headers, body, timeoutMs, signal }: HttpRequest): Promise<HttpAnswer> {
    const late = AbortSignal.timeout(timeoutMs)
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
    const sent = request(url, {
      method,
      agent: this.#agent,
      signal: AbortSignal.any([signal, late]),
      headers: {
        'user-agent': 'lightflus',
        accept: 'application/json, text/plain, */*',
        ...this.#options.headers,
        ...headers,
        ...(body ? { 'content-length': body.length } : {}),
      },
    })
    sent.once('response', (answer) => answerOf(answer).then(resolve, reject))
    sent.once('error', reject)
    sent.end(body)
    try {
      return await promise
    } catch (thrown) {
      if (!late.aborted || signal.aborted) throw thrown
      throw Object.assign(new Error(`no answer within ${timeoutMs} ms`, { cause: thrown }), { code: 'ETIMEDOUT' })
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

async function answerOf(answer: IncomingMessage): Promise<HttpAnswer> {
  const shown: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (bytes < shownBytesMax) shown.push(chunk)
    bytes += chunk.length
    if (bytes > answerBytesMax) break
  }
  const text = Buffer.concat(shown).subarray(0, shownBytesMax).toString()
  return {
    status: answer.statusCode ?? 0,
    retryAfterMs: retryAfterOf(answer.headers['retry-after']),
    location: answer.headers.location,
    text: text.replace(/\s+/g, ' ').trim(),
  }
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}
