import { LightflusError } from '@lightflus/api'
import { createClient, type Client } from '@lightflus/contracts'
import { chosenContext, renewContext, type CliContext } from './contexts.ts'
import type { Io } from './io.ts'

/** A refreshed token is fetched when the one at hand lives no longer than this, milliseconds. */
const freshMsMin = 30_000

export interface Platform {
  readonly url: string
  readonly client: Client
  /** What to send as bearer where the client does not reach (live data). */
  readonly token: () => Promise<string>
}

/** The platform of the chosen context, its session renewed where need be. */
export async function connectPlatform(io: Io, named: string | undefined): Promise<Platform> {
  const { name, context } = await chosenContext(io, named)
  let present = context
  const token = async (): Promise<string> => {
    if (present.apiKey) return present.apiKey
    if (present.accessToken && Date.parse(present.accessTokenExpiresAt ?? '') - Date.now() > freshMsMin)
      return present.accessToken
    if (!present.refreshToken)
      throw new LightflusError('LF_CLI_NOT_SIGNED_IN', `You are not signed in to ${present.url}.`)
    present = name === null ? await refreshed(present) : await renewContext(io, name, present, refreshed)
    return present.accessToken!
  }
  return { url: context.url, token, client: createClient({ baseUrl: context.url, token }) }
}

async function refreshed(context: CliContext): Promise<CliContext> {
  const session = await createClient({ baseUrl: context.url }).refreshSession({
    body: { refreshToken: context.refreshToken },
  })
  return signedIn(context.url, session)
}

type Session = Awaited<ReturnType<Client['signIn']>>

export const signedIn = (url: string, { accessToken, refreshToken, expiresAt, tenant, user }: Session): CliContext => ({
  url,
  tenant: tenant.name,
  email: user.email,
  accessToken,
  accessTokenExpiresAt: expiresAt,
  ...(refreshToken === null ? {} : { refreshToken }),
})
