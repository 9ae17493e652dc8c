import { isLightflusError, type LightflusError } from '@lightflus/api'
import { authError, messageOf, networkTrouble } from '../../connection-errors.ts'
import { saslAuthenticate, saslHandshake } from '../protocol/connecting.ts'
import { errorCode, errorName } from '../protocol/request.ts'
import type { Broker } from './broker.ts'
import type { SaslOptions } from './cluster-options.ts'
import { ScramExchange } from './scram.ts'

/**
 * Signs in.
 * @returns milliseconds for which the broker lets the session last; Infinity where it does not say
 * @throws LF_CONNECTION_AUTH
 */
export async function authenticate(broker: Broker, sasl: SaslOptions): Promise<number> {
  const mechanism = sasl.mechanism.toUpperCase()
  const { error, mechanisms } = await broker.send(saslHandshake, mechanism)
  if (error !== errorCode.none)
    throw authError(
      broker.peer,
      mechanisms.length === 0
        ? 'does not want SASL at this port'
        : `does not know ${mechanism}; it knows ${mechanisms.join(', ')}`,
    )
  if (sasl.mechanism === 'plain') return answer(broker, sasl, `\0${sasl.username}\0${sasl.password}`).then(lifetimeOf)
  const scram = new ScramExchange(sasl.mechanism, sasl.username, sasl.password)
  const first = await answer(broker, sasl, scram.clientFirst())
  try {
    const last = await answer(broker, sasl, await scram.clientFinal(first.bytes.toString()))
    scram.verify(last.bytes.toString())
    return lifetimeOf(last)
  } catch (thrown) {
    throw isLightflusError(thrown) || networkTrouble(thrown) ? thrown : refused(broker, sasl, messageOf(thrown), thrown)
  }
}

async function answer(broker: Broker, sasl: SaslOptions, message: string) {
  const given = await broker.send(saslAuthenticate, Buffer.from(message))
  if (given.error === errorCode.none) return given
  throw refused(broker, sasl, given.message ?? errorName(given.error))
}

const lifetimeOf = ({ sessionLifetimeMs }: { readonly sessionLifetimeMs: number }): number =>
  sessionLifetimeMs > 0 ? sessionLifetimeMs : Infinity

const refused = (broker: Broker, sasl: SaslOptions, why: string, cause?: unknown): LightflusError =>
  authError(broker.peer, `refused user '${sasl.username}' (${why})`, cause)
