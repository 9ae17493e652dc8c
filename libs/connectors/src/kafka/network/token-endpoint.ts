import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestTls } from 'node:https'
import { rootCertificates } from 'node:tls'
import { isLightflusError, LightflusError } from '@lightflus/api'
import { at, authError, connectError, connectTimeoutMs, timeoutError, type Peer } from '../../connection-errors.ts'
import type { TokenEndpointOptions } from './cluster-options.ts'

/** Certificates of authorities that are trusted beside the well-known ones: PEM text. */
export type TlsAuthorities = readonly string[]

export interface GrantedToken {
  readonly token: string
  readonly lifetimeMs: number
}

/** Largest answer that is read, bytes: a token with the groups of a large organization takes some kilobytes. */
const answerBytesMax = 64 * 1024
/** How long a token counts as good whose end nobody tells, milliseconds. */
const untoldLifetimeMs = 5 * 60_000
/** Characters of a bearer token (RFC 6750, section 2.1): none of them ends a field of the exchange. */
const tokenForm = /^[\w.~+/-]+=*$/

/**
 * Asks an OAuth token endpoint for an access token by client credentials (RFC 6749, section 4.4). Redirections are not
 * followed: who may choose the address would choose another by them.
 * @throws LF_CONNECTION_AUTH where the client is refused, LF_CONNECTION_DNS, _REFUSED, _TIMEOUT, _TLS, _FAILED
 */
export async function requestToken(
  { connection }: Peer,
  options: TokenEndpointOptions,
  authorities: TlsAuthorities,
): Promise<GrantedToken> {
  const url = new URL(options.tokenUrl)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const peer: Peer = { connection, system: 'the token endpoint', address: `${url.hostname}:${port}` }
  try {
    const { status, body } = await post(url, options, authorities, peer)
    return granted(status, body, options, peer)
  } catch (thrown) {
    throw isLightflusError(thrown)
      ? thrown
      : (connectError(thrown, peer) ?? failed(peer, 'broke off its answer', thrown))
  }
}

interface Answer {
  readonly status: number
  readonly body: string
}

function post(url: URL, options: TokenEndpointOptions, authorities: TlsAuthorities, peer: Peer): Promise<Answer> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (options.scope !== undefined) form.set('scope', options.scope)
  const encoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  // As RFC 6749, section 2.3.1, has it: both parts are form-encoded first.
  const credentials = Buffer.from(`${encoded(options.clientId)}:${encoded(options.clientSecret)}`).toString('base64')
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestTls : requestPlain
    const asked = send(
      url,
      {
        method: 'POST',
        headers: {
          accept: 'application/json',
          authorization: `Basic ${credentials}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        signal: AbortSignal.timeout(connectTimeoutMs),
        // Every token is asked for once in minutes: a connection that is kept would only be in the way.
        agent: false,
        ...(authorities.length > 0 ? { ca: [...rootCertificates, ...authorities] } : {}),
      },
      (answer) => bodyOf(answer, peer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject),
    )
    asked.on('error', (error) => reject(error.name === 'AbortError' ? timeoutError(peer, connectTimeoutMs) : error))
    asked.end(form.toString())
  })
}

async function bodyOf(answer: IncomingMessage, peer: Peer): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerBytesMax) throw failed(peer, `answered with more than ${answerBytesMax / 1024} KiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function granted(status: number, body: string, { clientId }: TokenEndpointOptions, peer: Peer): GrantedToken {
  const fields = jsonObject(body)
  if (status === 200) {
    const { access_token: token, expires_in: seconds } = fields
    if (typeof token !== 'string' || !tokenForm.test(token)) throw failed(peer, 'answered without an access token')
    return { token, lifetimeMs: Number(seconds) > 0 ? Number(seconds) * 1_000 : untoldLifetimeMs }
  }
  // Of what it says only the code: a description may repeat what was sent.
  const { error } = fields
  const reason =
    typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? `${error}, status ${status}` : `status ${status}`
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    throw authError(peer, `refused client '${clientId}' (${reason})`)
  throw failed(peer, `gave no token (${reason})`)
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

const failed = (peer: Peer, what: string, cause?: unknown): LightflusError =>
  new LightflusError('LF_CONNECTION_FAILED', `${at(peer)} ${what}`, { details: { connection: peer.connection }, cause })
