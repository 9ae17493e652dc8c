import { isLightflusError, LightflusError } from '@lightflus/api'
import { at, authError, connectError, messageOf, networkTrouble, targetError, type Peer } from '../connection-errors.ts'

/** A server that starts, or hands its role to another. */
const passing = /^(LOADING|READONLY|MASTERDOWN|TRYAGAIN|CLUSTERDOWN|BUSY|NOREPLICAS|UNKILLABLE)/
/** What the client says when an answer did not come. */
const unanswered = /^(Command timed out|Connection is closed|Stream isn't writeable)/

/** A command that the server refused, with the key that it was for. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly key: string

  constructor(cause: Error, key: string) {
    super(cause.message, { cause })
    this.key = key
  }
}

export function mayPass(thrown: unknown): boolean {
  if (isLightflusError(thrown)) return thrown.code.startsWith('LF_CONNECTION_') && thrown.retry
  const message = messageOf(thrown)
  if (passing.test(message) || unanswered.test(message)) return true
  const found = networkTrouble(thrown)
  return found !== undefined && found.trouble !== 'tls'
}

/** What Redis or its client threw, in our terms. Never a value: it may be a secret. */
export function redisError(thrown: unknown, peer: Peer, usesTls = false): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const message = messageOf(thrown)
  const details = { connection: peer.connection }
  const key = thrown instanceof CommandError ? ` for key '${thrown.key}'` : ''
  if (/^(WRONGPASS|NOAUTH)|AUTH <password>|invalid password/i.test(message))
    return authError(
      peer,
      /^NOAUTH/.test(message) ? 'wants a password' : `refused the credentials (${message})`,
      thrown,
    )
  if (/^NOPERM/.test(message)) return authError(peer, `does not let this user do that${key} (${message})`, thrown)
  if (/DB index is out of range/.test(message))
    return targetError(peer, 'there is no database of the number that the connection names', thrown)
  if (/^WRONGTYPE/.test(message))
    return new LightflusError('LF_REDIS_TYPE', `${at(peer)} holds a value of another type${key}`, {
      details,
      cause: thrown,
    })
  if (/^OOM/.test(message))
    return new LightflusError('LF_REDIS_MEMORY', `${at(peer)} has no memory left (maxmemory)`, {
      details,
      cause: thrown,
    })
  if (/^(MOVED|ASK|CROSSSLOT) /.test(message))
    return new LightflusError(
      'LF_CONNECTION_FAILED',
      `${at(peer)} is part of a cluster, which this connector does not know`,
      {
        details,
        nextStep: 'Give the connection the address of a Redis that is not in cluster mode.',
        cause: thrown,
      },
    )
  // What the server says of itself is not the network's, whatever its words are.
  const network = thrown instanceof CommandError ? undefined : connectError(thrown, peer, usesTls)
  return (
    network ??
    new LightflusError('LF_CONNECTION_FAILED', `${at(peer)} answered${key}: ${message}`, { details, cause: thrown })
  )
}
