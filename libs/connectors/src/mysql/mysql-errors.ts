import { isLightflusError, LightflusError } from '@lightflus/api'
import { at, authError, connectError, messageOf, networkTrouble, targetError, type Peer } from '../connection-errors.ts'

/** Numbers of the server's errors, by what they mean to us. */
const refused = new Set([1044, 1045, 1142, 1143, 1227, 1251, 1370, 1410, 1524, 1698, 4151])
const wantsTls = new Set([1835, 3159])
const constraints = new Set([
  1048, 1062, 1169, 1216, 1217, 1263, 1264, 1265, 1292, 1364, 1366, 1406, 1411, 1416, 1451, 1452, 1526, 1557, 1586,
  1690, 1748, 1761, 1762, 1859, 3140, 3572, 3819, 3903, 4025,
])
/** Locks that others hold, a connection that was idle for long, a server that starts, stops, is full or a replica at the moment. */
const passing = new Set([
  1040, 1053, 1077, 1079, 1105, 1203, 1205, 1213, 1226, 1290, 1317, 1792, 1836, 1927, 1969, 4031,
])
const noDatabase = 1049
const noColumn = 1054
const noTable = 1146

interface ServerError {
  readonly errno?: number
  readonly code?: string
}

const numberOf = (thrown: unknown): number | undefined =>
  typeof thrown === 'object' && thrown !== null ? (thrown as ServerError).errno : undefined
const codeOf = (thrown: unknown): string | undefined =>
  typeof thrown === 'object' && thrown !== null ? (thrown as ServerError).code : undefined

export function mayPass(thrown: unknown): boolean {
  if (isLightflusError(thrown)) return thrown.code.startsWith('LF_CONNECTION_') && thrown.retry
  if (passing.has(numberOf(thrown) ?? 0)) return true
  const found = networkTrouble(thrown)
  return found !== undefined && found.trouble !== 'tls'
}

/** What MySQL or its client threw, in our terms. `table` where the work was on one. */
export function mysqlError(thrown: unknown, peer: Peer, user: string, table?: string): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const number = numberOf(thrown) ?? 0
  const message = messageOf(thrown)
  const details = { connection: peer.connection, ...(table === undefined ? {} : { table }) }
  if (refused.has(number) || /^(AUTH_SWITCH|MYSQL_CLEAR)/.test(codeOf(thrown) ?? ''))
    return authError(peer, `refused user '${user}' (${message})`, thrown)
  if (wantsTls.has(number))
    return new LightflusError('LF_CONNECTION_TLS', `${at(peer)} takes only connections with TLS`, {
      details,
      nextStep: "Set 'tls: true' in the connection.",
      cause: thrown,
    })
  if (number === noDatabase) return targetError(peer, message, thrown)
  if (number === noTable) return targetError(peer, `there is no table '${table}' any more`, thrown)
  if (number === noColumn)
    return new LightflusError('LF_MYSQL_COLUMN', `${at(peer)}, table '${table}': ${message}`, {
      details,
      cause: thrown,
    })
  if (constraints.has(number))
    return new LightflusError('LF_MYSQL_CONSTRAINT', `${at(peer)}, table '${table}': ${message}`, {
      details,
      cause: thrown,
    })
  // Of a server's own error the network's codes say nothing.
  const network = number > 0 && codeOf(thrown)?.startsWith('ER_') ? undefined : connectError(thrown, peer)
  return network ?? new LightflusError('LF_CONNECTION_FAILED', `${at(peer)}: ${message}`, { details, cause: thrown })
}
