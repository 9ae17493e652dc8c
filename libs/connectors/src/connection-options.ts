import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { LightflusError, type Json } from '@lightflus/api'
import type { ConnectorContext, ConnectorRole, ResolvedConnection } from '@lightflus/engine'

/**
 * The connection of an operator.
 * @throws LF_CONNECTION_MISSING when it has none, LF_CONNECTION_OPTION when it is of another kind
 */
export function connectionOf(
  context: Pick<ConnectorContext<ConnectorRole>, 'connection' | 'operator'>,
  kind: string,
): ResolvedConnection {
  const { connection, operator } = context
  if (!connection)
    throw new LightflusError('LF_CONNECTION_MISSING', `Operator ${operator.node.id} needs a ${kind} connection`)
  if (connection.kind === kind) return connection
  throw new LightflusError(
    'LF_CONNECTION_OPTION',
    `Operator ${operator.node.id} needs a ${kind} connection, but '${connection.name}' is of kind ${connection.kind}`,
  )
}

/** Reads the options of a connection one by one; what does not fit is an LF_CONNECTION_OPTION that never shows a value. */
export class ConnectionOptionReader {
  readonly #connection: ResolvedConnection

  constructor(connection: ResolvedConnection) {
    this.#connection = connection
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.refuse(name, 'is missing')
  }

  optionalText(name: string): string | undefined {
    const value = this.#connection.options[name]
    if (value === undefined || value === null) return undefined
    return typeof value === 'string' ? value : this.refuse(name, 'must be text')
  }

  whole(name: string, fallback: number, max: number): number {
    const value = this.#connection.options[name] ?? fallback
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
    return fits ? value : this.refuse(name, `must be a whole number from 0 to ${max}`)
  }

  /** `tls`: true, false, or an object of `ca`, `cert`, `key` (PEM text) and `rejectUnauthorized`. Default: no TLS. */
  tls(): TlsOptions | undefined {
    const value: Json | undefined = this.#connection.options['tls']
    if (value === undefined || value === null || value === false) return undefined
    if (value === true) return {}
    if (typeof value !== 'object' || Array.isArray(value)) return this.refuse('tls', 'must be true, false or an object')
    return { ...(value as TlsOptions) }
  }

  raw(name: string): Json | undefined {
    return this.#connection.options[name]
  }

  /** @throws LF_CONNECTION_OPTION always */
  refuse(option: string, what: string): never {
    const { name } = this.#connection
    throw new LightflusError('LF_CONNECTION_OPTION', `Connection ${name}: option '${option}' ${what}`, {
      details: { connection: name, option },
    })
  }
}
