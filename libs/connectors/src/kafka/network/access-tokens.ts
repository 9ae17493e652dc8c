import { isLightflusError } from '@lightflus/api'
import type { Peer } from '../../connection-errors.ts'
import type { OAuthOptions, TokenEndpointOptions } from './cluster-options.ts'
import { requestToken, type GrantedToken, type TlsAuthorities } from './token-endpoint.ts'

/** Of a token's lifetime it is used for this part; then there is another, while the first is still good for a while. */
const usedPart = 0.8

interface HeldToken {
  readonly token: string
  /** Milliseconds of the process's clock. */
  readonly refreshAt: number
  readonly expiresAt: number
}

/** Where tokens come from, and the time, milliseconds of a clock that is never set. */
export interface TokenPorts {
  readonly request: typeof requestToken
  readonly now: () => number
}

const ownPorts: TokenPorts = { request: requestToken, now: () => performance.now() }

/** The access token of a connection: the one that it states, or one of its token endpoint, renewed before it ends. */
export class AccessTokens {
  readonly #peer: Peer
  readonly #options: OAuthOptions
  readonly #authorities: TlsAuthorities
  readonly #ports: TokenPorts
  #held: HeldToken | undefined
  #renewing: Promise<string> | undefined

  constructor(peer: Peer, options: OAuthOptions, authorities: TlsAuthorities, ports: TokenPorts = ownPorts) {
    this.#peer = peer
    this.#options = options
    this.#authorities = authorities
    this.#ports = ports
  }

  /** @throws LF_CONNECTION_AUTH, and what connecting to the endpoint fails with */
  async current(): Promise<string> {
    const options = this.#options
    if ('token' in options) return options.token
    if (this.#held && this.#ports.now() < this.#held.refreshAt) return this.#held.token
    return (this.#renewing ??= this.#renew(options).finally(() => (this.#renewing = undefined)))
  }

  async #renew(options: TokenEndpointOptions): Promise<string> {
    const old = this.#held
    try {
      const granted = await this.#ports.request(this.#peer, options, this.#authorities)
      this.#held = held(granted, this.#ports.now())
      return granted.token
    } catch (thrown) {
      // An endpoint that is away for a moment is no reason to stop while the token is good.
      const isRefused = isLightflusError(thrown) && thrown.code === 'LF_CONNECTION_AUTH'
      if (old && this.#held === old && !isRefused && this.#ports.now() < old.expiresAt) return old.token
      throw thrown
    }
  }

  /** A broker did not take the token: the next one is asked for afresh. */
  forget(): void {
    this.#held = undefined
  }
}

const held = ({ token, lifetimeMs }: GrantedToken, now: number): HeldToken => ({
  token,
  refreshAt: now + lifetimeMs * usedPart,
  expiresAt: now + lifetimeMs,
})
