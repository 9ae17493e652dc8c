import { createSign, generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Who signs its tokens. */
export const issuerName = 'https://issuer.test'
const keyId = 'test'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An OAuth token endpoint that gives signed tokens to one client. */
export class TokenIssuer {
  readonly url: string
  /** How many tokens it gave. */
  given = 0
  /** How long each is good, seconds. */
  lifetimeSeconds = 300
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  }

  static async listen(clientId: string, clientSecret: string): Promise<TokenIssuer> {
    const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const issuer = new TokenIssuer(server)
    server.on('request', (request, response) => {
      request.resume()
      const isKnown = request.headers.authorization === expected
      response.writeHead(isKnown ? 200 : 401)
      response.end(JSON.stringify(isKnown ? issuer.#grant(clientId) : { error: 'invalid_client' }))
    })
    return issuer
  }

  /** The set of keys by which its tokens are checked (RFC 7517). */
  static get keys(): string {
    return JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }] })
  }

  #grant(subject: string) {
    this.given++
    return { access_token: this.token(subject), token_type: 'Bearer', expires_in: this.lifetimeSeconds }
  }

  /** A token as the endpoint gives them. */
  token(subject: string, audience = 'kafka'): string {
    const now = Math.floor(Date.now() / 1_000)
    const claims = { iss: issuerName, sub: subject, aud: audience, iat: now, exp: now + this.lifetimeSeconds }
    const signed = `${part({ alg: 'RS256', kid: keyId, typ: 'JWT' })}.${part(claims)}`
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
