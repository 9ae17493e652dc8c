import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { ResolvedConnection } from '@lightflus/engine'
import { ConnectionOptionReader } from '../../connection-options.ts'

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

export interface SaslOptions {
  readonly mechanism: (typeof mechanisms)[number]
  readonly username: string
  readonly password: string
}

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

function saslOf(read: ConnectionOptionReader): SaslOptions | undefined {
  const sasl = read.raw('sasl')
  if (sasl === undefined || sasl === null) return undefined
  if (typeof sasl !== 'object' || Array.isArray(sasl)) return read.refuse('sasl', 'must be an object')
  const { mechanism, username, password } = sasl as Readonly<Record<string, unknown>>
  const known = mechanisms.find((name) => name === mechanism)
  if (!known) return read.refuse('sasl.mechanism', `must be one of ${mechanisms.join(', ')}`)
  if (typeof username !== 'string') return read.refuse('sasl.username', 'must be text')
  if (typeof password !== 'string') return read.refuse('sasl.password', 'must be text')
  return { mechanism: known, username, password }
}
