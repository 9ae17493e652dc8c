import { isLightflusError, LightflusError } from '@lightflus/api'
import { at, authError, connectError, lostError, messageOf, targetError, type Peer } from '../connection-errors.ts'

/** What Redis answered, in our terms. `what` names the key where one command failed. Never a value: it may be a secret. */
export function redisError(thrown: unknown, peer: Peer, what = ''): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const message = messageOf(thrown)
  if (/^(WRONGPASS|NOAUTH)|ERR AUTH|ERR invalid password|Client sent AUTH/i.test(message))
    return authError(peer, /NOAUTH/.test(message) ? 'asks for a password' : 'refused user or password', thrown)
  if (/^NOPERM/.test(message)) return authError(peer, `does not let the user do this: ${message}`, thrown)
  if (/DB index is out of range/.test(message)) return targetError(peer, 'there is no database of that number', thrown)
  if (/^WRONGTYPE/.test(message))
    return new LightflusError('LF_REDIS_TYPE', `${what || 'A key'} holds another type than the sink writes`, { cause: thrown })
  if (/^OOM/.test(message))
    return new LightflusError('LF_REDIS_MEMORY', `${at(peer)} has no memory left (maxmemory)`, { cause: thrown })
  if (/^READONLY/.test(message))
    return new LightflusError('LF_CONNECTION_FAILED', `${at(peer)} is a replica, which takes no writes`, {
      nextStep: 'Give the connection the address of the primary.',
      cause: thrown,
    })
  if (/^Command timed out/.test(message) || /^Connection is closed|^Stream isn't writeable/.test(message))
    return lostError(peer, 0, thrown)
  return (
    connectError(thrown, peer) ??
    new LightflusError('LF_CONNECTION_FAILED', `${at(peer)} answered: ${message}`, { details: { connection: peer.connection }, cause: thrown })
  )
}
