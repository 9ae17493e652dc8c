import { isLightflusError, type LightflusError } from '@lightflus/api'
import { authError, messageOf, networkTrouble } from '../../connection-errors.ts'
import { saslAuthenticate, saslHandshake, type SaslAnswer } from '../protocol/connecting.ts'
import { errorCode, errorName } from '../protocol/request.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { Broker } from './broker.ts'
import type { OAuthOptions, PasswordOptions, SaslOptions } from './cluster-options.ts'
import { bearerMessage, bearerRefusal, bearerRefusalSeen } from './oauth-bearer.ts'
import { ScramExchange } from './scram.ts'

/**
 * Signs in.
 * @param tokens of the connection, where it signs in by them
 * @returns milliseconds for which the broker lets the session last; Infinity where it does not say
 * @throws LF_CONNECTION_AUTH; what asking for a token fails with
 */
export async function authenticate(
  broker: Broker,
  sasl: SaslOptions,
  tokens: AccessTokens | undefined,
): Promise<number> {
  // Asked for before the exchange begins: brokers do not wait long in the middle of one.
  const token = await tokens?.current()
  await agreeOn(broker, sasl.mechanism.toUpperCase())
  if (sasl.mechanism !== 'oauthbearer') return lifetimeOf(await byPassword(broker, sasl))
  try {
    return lifetimeOf(await byToken(broker, sasl, token!))
  } catch (thrown) {
    tokens?.forget()
    throw thrown
  }
}

async function agreeOn(broker: Broker, mechanism: string): Promise<void> {
  const { error, mechanisms } = await broker.send(saslHandshake, mechanism)
  if (error === errorCode.none) return
  const why =
    mechanisms.length === 0
      ? 'does not want SASL at this port'
      : `does not know ${mechanism}; it knows ${mechanisms.join(', ')}`
  throw authError(broker.peer, why)
}

async function byPassword(broker: Broker, sasl: PasswordOptions): Promise<SaslAnswer> {
  if (sasl.mechanism === 'plain') return answer(broker, sasl, `\0${sasl.username}\0${sasl.password}`)
  const scram = new ScramExchange(sasl.mechanism, sasl.username, sasl.password)
  const first = await answer(broker, sasl, scram.clientFirst())
  try {
    const last = await answer(broker, sasl, await scram.clientFinal(first.bytes.toString()))
    scram.verify(last.bytes.toString())
    return last
  } catch (thrown) {
    throw isLightflusError(thrown) || networkTrouble(thrown) ? thrown : refused(broker, sasl, messageOf(thrown), thrown)
  }
}

async function byToken(broker: Broker, sasl: OAuthOptions, token: string): Promise<SaslAnswer> {
  const given = await answer(broker, sasl, bearerMessage(token, sasl.extensions))
  if (given.bytes.length === 0) return given
  const status = bearerRefusal(given.bytes)
  await answer(broker, sasl, bearerRefusalSeen).catch((thrown: unknown) => {
    throw refused(broker, sasl, status, thrown)
  })
  throw refused(broker, sasl, status)
}

async function answer(broker: Broker, sasl: SaslOptions, message: string): Promise<SaslAnswer> {
  const given = await broker.send(saslAuthenticate, Buffer.from(message))
  if (given.error === errorCode.none) return given
  throw refused(broker, sasl, withoutToken(given.message, sasl) ?? errorName(given.error))
}

/** A broker's message may repeat what it does not like of a token; of a password it cannot know more than that it is wrong. */
const withoutToken = (message: string | null, { mechanism }: SaslOptions): string | undefined =>
  message === null ? undefined : mechanism === 'oauthbearer' ? message.replace(/[\w-]+\.[\w-]+\.[\w-]*/g, '…') : message

const lifetimeOf = ({ sessionLifetimeMs }: { readonly sessionLifetimeMs: number }): number =>
  sessionLifetimeMs > 0 ? sessionLifetimeMs : Infinity

/** Who signs in, for messages. */
export function signer(sasl: SaslOptions): string {
  if (sasl.mechanism !== 'oauthbearer') return `user '${sasl.username}'`
  return 'token' in sasl ? 'the access token' : `the access token of client '${sasl.clientId}'`
}

const refused = (broker: Broker, sasl: SaslOptions, why: string, cause?: unknown): LightflusError =>
  authError(broker.peer, `refused ${signer(sasl)} (${why})`, cause)
