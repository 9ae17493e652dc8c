import { isLightflusError, LightflusError } from '@lightflus/api'
import { at, authError, messageOf, networkTrouble } from '../../connection-errors.ts'
import { apiVersions, saslAuthenticate, saslHandshake } from '../protocol/connecting.ts'
import { fetch } from '../protocol/fetch.ts'
import { metadata } from '../protocol/metadata.ts'
import { produce } from '../protocol/produce.ts'
import { errorCode, errorName } from '../protocol/request.ts'
import type { BrokerSocket } from './broker-socket.ts'
import type { SaslOptions } from './cluster-options.ts'
import { ScramExchange } from './scram.ts'

/** Sees that the broker speaks what is needed. @throws LF_KAFKA_VERSION */
export async function checkVersions(socket: BrokerSocket): Promise<void> {
  const { error, newest } = await socket.send(apiVersions, undefined)
  if (error !== errorCode.none) throw tooOld(socket, `answered ApiVersions with ${errorName(error)}`)
  for (const { name, key, version } of [fetch, metadata, produce])
    if ((newest.get(key) ?? -1) < version)
      throw tooOld(socket, `speaks ${name} up to version ${newest.get(key) ?? 'none'}; ${version} is needed`)
}

/**
 * Signs in.
 * @returns milliseconds for which the broker lets the session last; Infinity where it does not say
 * @throws LF_CONNECTION_AUTH
 */
export async function authenticate(socket: BrokerSocket, sasl: SaslOptions): Promise<number> {
  const mechanism = sasl.mechanism.toUpperCase()
  const { error, mechanisms } = await socket.send(saslHandshake, mechanism)
  if (error !== errorCode.none)
    throw authError(
      socket.peer,
      mechanisms.length === 0
        ? 'does not want SASL at this port'
        : `does not know ${mechanism}; it knows ${mechanisms.join(', ')}`,
    )
  if (sasl.mechanism === 'plain') return answer(socket, sasl, `\0${sasl.username}\0${sasl.password}`).then(lifetimeOf)
  const scram = new ScramExchange(sasl.mechanism, sasl.username, sasl.password)
  const first = await answer(socket, sasl, scram.clientFirst())
  try {
    const last = await answer(socket, sasl, await scram.clientFinal(first.bytes.toString()))
    scram.verify(last.bytes.toString())
    return lifetimeOf(last)
  } catch (thrown) {
    throw isLightflusError(thrown) || networkTrouble(thrown) ? thrown : refused(socket, sasl, messageOf(thrown), thrown)
  }
}

async function answer(socket: BrokerSocket, sasl: SaslOptions, message: string) {
  const given = await socket.send(saslAuthenticate, Buffer.from(message))
  if (given.error === errorCode.none) return given
  throw refused(socket, sasl, given.message ?? errorName(given.error))
}

const lifetimeOf = ({ sessionLifetimeMs }: { readonly sessionLifetimeMs: number }): number =>
  sessionLifetimeMs > 0 ? sessionLifetimeMs : Infinity

const refused = (socket: BrokerSocket, sasl: SaslOptions, why: string, cause?: unknown): LightflusError =>
  authError(socket.peer, `refused user '${sasl.username}' (${why})`, cause)

const tooOld = (socket: BrokerSocket, what: string): LightflusError =>
  new LightflusError('LF_KAFKA_VERSION', `${at(socket.peer)} ${what}`)
