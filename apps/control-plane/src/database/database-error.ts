import { isLightflusError, LightflusError } from '@lightflus/api'

/** The address in a database URL, without user and password. */
export function databaseAddress(databaseUrl: string): string {
  try {
    const url = new URL(databaseUrl)
    return `${url.host || 'localhost'}${url.pathname}`
  } catch {
    return 'an address that is no URL'
  }
}

/** What went wrong when connecting, as an error that names the address and not the password. */
export function databaseError(thrown: unknown, databaseUrl: string): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const reason = thrown instanceof Error ? thrown.message || (thrown as { code?: string }).code : String(thrown)
  const address = databaseAddress(databaseUrl)
  return new LightflusError('LF_DATABASE_UNREACHABLE', `Postgres at ${address} cannot be used: ${reason}.`, {
    cause: thrown,
  })
}

/** Codes of sockets, of Postgres that shuts down or refuses (57P, 08, 53300), and of Prisma without a connection. */
const codesOfLoss =
  /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|57P|08|53300|P1001|P1002|P1008|P1017|P2024|P2028|P2037)/
/** What pg says without a code. */
const wordsOfLoss =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/

/** Whether something failed because the database does not answer, rather than by what was asked of it. */
export function isDatabaseDown(thrown: unknown): boolean {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && codesOfLoss.test(code)) return true
  return typeof message === 'string' && wordsOfLoss.test(message)
}
