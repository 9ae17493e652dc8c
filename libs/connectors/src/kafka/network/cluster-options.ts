import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { ResolvedConnection } from '@lightflus/engine'
import { ConnectionOptionReader } from '../../connection-options.ts'
import type { ScramMechanism } from './scram.ts'

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const

/** Signing in by a password. */
export interface PasswordOptions {
  readonly mechanism: 'plain' | ScramMechanism
  readonly username: string
  readonly password: string
}

/** Signing in by an access token that is always the same. */
export interface TokenOptions {
  readonly mechanism: 'oauthbearer'
  readonly token: string
  /** What the broker wants to know beside the token (KIP-342). */
  readonly extensions: Readonly<Record<string, string>>
}

/** Signing in by access tokens that an OAuth token endpoint gives (KIP-768). */
export interface TokenEndpointOptions {
  readonly mechanism: 'oauthbearer'
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string | undefined
  readonly extensions: Readonly<Record<string, string>>
}

export type OAuthOptions = TokenOptions | TokenEndpointOptions
export type SaslOptions = PasswordOptions | OAuthOptions

export interface Address {
  readonly host: string
  readonly port: number
}

/** A Kafka connection: where to ask for the cluster's brokers, and how to sign in to each. */
export interface ClusterOptions {
  readonly connection: string
  readonly seeds: readonly Address[]
  readonly tls: TlsOptions | undefined
  readonly sasl: SaslOptions | undefined
}

/** @throws LF_CONNECTION_OPTION */
export function clusterOptions(connection: ResolvedConnection): ClusterOptions {
  const read = new ConnectionOptionReader(connection)
  const brokers = read.raw('brokers')
  const seeds = Array.isArray(brokers) ? brokers.map((broker) => addressOf(broker)) : []
  if (seeds.length === 0 || seeds.includes(undefined))
    read.refuse('brokers', 'must be a list of host:port, such as kafka-1:9092')
  return { connection: connection.name, seeds: seeds as Address[], tls: read.tls(), sasl: saslOf(read) }
}

function addressOf(broker: unknown): Address | undefined {
  const match = typeof broker === 'string' ? /^(.+):(\d{1,5})$/.exec(broker) : null
  return match && Number(match[2]) <= 65_535
    ? { host: match[1]!.replace(/^\[(.*)\]$/, '$1'), port: Number(match[2]) }
    : undefined
}

type Fields = Readonly<Record<string, unknown>>

function saslOf(read: ConnectionOptionReader): SaslOptions | undefined {
  const sasl = read.raw('sasl')
  if (sasl === undefined || sasl === null) return undefined
  if (typeof sasl !== 'object' || Array.isArray(sasl)) return read.refuse('sasl', 'must be an object')
  const fields = sasl as Fields
  const mechanism = mechanisms.find((name) => name === fields['mechanism'])
  if (!mechanism) return read.refuse('sasl.mechanism', `must be one of ${mechanisms.join(', ')}`)
  if (mechanism === 'oauthbearer') return oauthOf(read, fields)
  return { mechanism, username: textOf(read, fields, 'username'), password: textOf(read, fields, 'password') }
}

function oauthOf(read: ConnectionOptionReader, fields: Fields): OAuthOptions {
  const mechanism = 'oauthbearer'
  const extensions = extensionsOf(read, fields['extensions'])
  if (fields['token'] !== undefined) {
    if (fields['tokenUrl'] !== undefined) read.refuse('sasl.token', 'and sasl.tokenUrl exclude each other')
    const token = textOf(read, fields, 'token')
    // Anything else could end the field of the exchange in which it is sent.
    if (!/^[\x21-\x7e]+$/.test(token)) read.refuse('sasl.token', 'must be a token, without spaces')
    return { mechanism, token, extensions }
  }
  const tokenUrl = textOf(read, fields, 'tokenUrl')
  if (!isSafeUrl(tokenUrl)) read.refuse('sasl.tokenUrl', 'must be an https:// address (http:// on this machine only)')
  const scope = fields['scope'] === undefined ? undefined : textOf(read, fields, 'scope')
  const [clientId, clientSecret] = [textOf(read, fields, 'clientId'), textOf(read, fields, 'clientSecret')]
  return { mechanism, tokenUrl, clientId, clientSecret, scope, extensions }
}

function textOf(read: ConnectionOptionReader, fields: Fields, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value : read.refuse(`sasl.${name}`, 'must be text')
}

/** The secret goes there: unencrypted it may not leave this machine. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname))
}

/** Names and values as KIP-342 allows them; `auth` is the token's own. */
function extensionsOf(read: ConnectionOptionReader, given: unknown): Readonly<Record<string, string>> {
  if (given === undefined || given === null) return {}
  const entries = typeof given === 'object' && !Array.isArray(given) ? Object.entries(given as Fields) : undefined
  const isFit = ([name, value]: [string, unknown]): boolean =>
    /^[A-Za-z]+$/.test(name) && name !== 'auth' && typeof value === 'string' && /^[\x21-\x7e \t\r\n]*$/.test(value)
  if (!entries?.every(isFit))
    return read.refuse('sasl.extensions', 'must be an object of texts, its names letters only')
  return Object.fromEntries(entries) as Readonly<Record<string, string>>
}
