import { LightflusError, type ErrorCode } from '@lightflus/api'

/** Whom a connector talks to, for messages. */
export interface Peer {
  /** Name of the connection. */
  readonly connection: string
  readonly system: 'Kafka' | 'MySQL' | 'Redis' | 'HTTP' | 'the token endpoint'
  /** `host:port` */
  readonly address: string
}

export const at = ({ connection, system, address }: Peer): string => `Connection ${connection}: ${system} at ${address}`

/** How long one try to connect may take, milliseconds. */
export const connectTimeoutMs = 10_000

const dnsCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL'])
const timeoutCodes = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'])
const closedCodes = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_DESTROYED', 'PROTOCOL_CONNECTION_LOST'])
const tlsCodes =
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$|HANDSHAKE_|INVALID_CA|CRL_|ERR_OSSL)/

/** What kind of trouble a network error is; undefined: none of the network's. */
export type NetworkTrouble = 'dns' | 'refused' | 'timeout' | 'tls' | 'closed'

/** The parts of an error that matter here; it may stem from another realm, so it is not asked what it is made by. */
interface ErrorLike {
  readonly message?: unknown
  readonly code?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

/** Looks through causes and through the several errors of one try over IPv4 and IPv6. */
export function networkTrouble(
  thrown: unknown,
): { readonly trouble: NetworkTrouble; readonly code: string } | undefined {
  for (const { code, message } of errorsIn(thrown)) {
    if (typeof code !== 'string') continue
    if (dnsCodes.has(code)) return { trouble: 'dns', code }
    if (code === 'ECONNREFUSED') return { trouble: 'refused', code }
    if (timeoutCodes.has(code)) return { trouble: 'timeout', code }
    if (tlsCodes.test(code) || /before secure TLS connection/.test(String(message))) return { trouble: 'tls', code }
    if (closedCodes.has(code)) return { trouble: 'closed', code }
  }
  return undefined
}

function* errorsIn(thrown: unknown, depth = 0): Iterable<ErrorLike> {
  if (typeof thrown !== 'object' || thrown === null || depth > 8) return
  const error: ErrorLike = thrown
  yield error
  if (Array.isArray(error.errors)) for (const one of error.errors) yield* errorsIn(one, depth + 1)
  yield* errorsIn(error.cause, depth + 1)
}

/** The first line of what a thrown value says. */
export function messageOf(thrown: unknown): string {
  const message = typeof thrown === 'object' && thrown !== null ? (thrown as ErrorLike).message : thrown
  return String(message).split('\n')[0]!
}

const codes: Readonly<Record<Exclude<NetworkTrouble, 'closed'>, ErrorCode>> = {
  dns: 'LF_CONNECTION_DNS',
  refused: 'LF_CONNECTION_REFUSED',
  timeout: 'LF_CONNECTION_TIMEOUT',
  tls: 'LF_CONNECTION_TLS',
}

/**
 * What a failure to connect means, with a code of its own for each kind; undefined when it is not the network's.
 * A connection that the other side closes at once is most often one of TLS or authentication that it expected.
 */
export function connectError(thrown: unknown, peer: Peer, usesTls = false): LightflusError | undefined {
  const found = networkTrouble(thrown)
  if (!found) return undefined
  const { trouble, code } = found
  if (trouble === 'closed')
    return new LightflusError(
      'LF_CONNECTION_FAILED',
      `${at(peer)} closed the connection before anything was agreed on`,
      {
        details: { connection: peer.connection },
        nextStep:
          'See that it is the right port, and whether the server expects TLS or a password that the connection lacks.',
        cause: thrown,
      },
    )
  const what = {
    dns: `the host name '${hostOf(peer.address)}' is not known`,
    refused: `nothing accepts connections at ${peer.address}`,
    timeout: `${peer.address} does not answer${code === 'ETIMEDOUT' ? '' : ` (${code})`}${usesTls ? ', or not in TLS' : ''}`,
    tls: `no TLS session with ${peer.address}: ${tlsReason(thrown, code)}`,
  }[trouble]
  return new LightflusError(codes[trouble], `Connection ${peer.connection}: ${what}`, {
    details: { connection: peer.connection },
    cause: thrown,
  })
}

export const timeoutError = (peer: Peer, ms: number): LightflusError =>
  new LightflusError('LF_CONNECTION_TIMEOUT', `${at(peer)} did not answer within ${ms / 1_000} s`, {
    details: { connection: peer.connection },
  })

export const authError = (peer: Peer, what: string, cause?: unknown): LightflusError =>
  new LightflusError('LF_CONNECTION_AUTH', `${at(peer)} ${what}`, { details: { connection: peer.connection }, cause })

export const targetError = (peer: Peer, what: string, cause?: unknown): LightflusError =>
  new LightflusError('LF_CONNECTION_TARGET', `${at(peer)}: ${what}`, {
    details: { connection: peer.connection },
    cause,
  })

/** A server that had answered and then did not for as long as is waited. */
export const lostError = (peer: Peer, forMs: number, cause: unknown): LightflusError => {
  const found = networkTrouble(cause)
  const reason = found ? reasons[found.trouble] : messageOf(cause)
  return new LightflusError(
    'LF_CONNECTION_LOST',
    `${at(peer)} has not answered for ${Math.round(forMs / 1_000)} s (${reason})`,
    { details: { connection: peer.connection }, cause },
  )
}

const reasons: Readonly<Record<NetworkTrouble, string>> = {
  dns: 'host name not known',
  refused: 'connection refused',
  timeout: 'no answer',
  tls: 'no TLS session',
  closed: 'connection closed',
}

function tlsReason(thrown: unknown, code: string): string {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO' || code === 'ECONNRESET')
    return 'the server does not speak TLS at this port'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another host name'
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired'
  if (/SELF_SIGNED/.test(code)) return 'its certificate is not trusted (self-signed)'
  if (/^UNABLE_TO_/.test(code)) return 'its certificate is not trusted (issuer unknown)'
  return messageOf(thrown)
}

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'))
