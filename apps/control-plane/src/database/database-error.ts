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
