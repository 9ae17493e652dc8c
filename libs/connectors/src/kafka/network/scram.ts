import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const hashed = promisify(pbkdf2)

export type ScramMechanism = 'scram-sha-256' | 'scram-sha-512'

/** Rounds of hashing below which a password could be guessed from what is sent (RFC 7677). */
const iterationsMin = 4096
/** Rounds of hashing that a server may ask for at most: beyond it is an attempt to keep the client busy. */
const iterationsMax = 1_000_000

/** The three messages by which a client shows, and is shown, that both know the password (RFC 5802). */
export class ScramExchange {
  readonly #algorithm: 'sha256' | 'sha512'
  readonly #password: string
  readonly #nonce: string
  readonly #clientFirstBare: string
  #serverSignature: Buffer | undefined

  constructor(
    mechanism: ScramMechanism,
    user: string,
    password: string,
    nonce = randomBytes(24).toString('base64url'),
  ) {
    this.#algorithm = mechanism === 'scram-sha-256' ? 'sha256' : 'sha512'
    this.#password = password
    this.#nonce = nonce
    this.#clientFirstBare = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  }

  clientFirst(): string {
    return `n,,${this.#clientFirstBare}`
  }

  /** @throws Error when the server's message makes no sense */
  async clientFinal(serverFirst: string): Promise<string> {
    const { r: nonce, s: salt, i: iterations } = attributesOf(serverFirst)
    const rounds = Number(iterations)
    const isSane =
      nonce?.startsWith(this.#nonce) &&
      // The server adds its own part, so that an old exchange cannot be played again.
      nonce.length > this.#nonce.length &&
      /^[1-9]\d*$/.test(iterations ?? '') &&
      rounds >= iterationsMin &&
      rounds <= iterationsMax
    if (!isSane || !salt) throw new Error('the server’s first SCRAM message makes no sense')
    // Not in the event loop's thread: as many rounds as are allowed take a good part of a second.
    const salted = await hashed(
      this.#password.normalize('NFKC'),
      Buffer.from(salt, 'base64'),
      rounds,
      this.#algorithm === 'sha256' ? 32 : 64,
      this.#algorithm,
    )
    const clientKey = this.#mac(salted, 'Client Key')
    const storedKey = createHash(this.#algorithm).update(clientKey).digest()
    const withoutProof = `c=${Buffer.from('n,,').toString('base64')},r=${nonce}`
    const signed = `${this.#clientFirstBare},${serverFirst},${withoutProof}`
    const signature = this.#mac(storedKey, signed)
    this.#serverSignature = this.#mac(this.#mac(salted, 'Server Key'), signed)
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]!))
    return `${withoutProof},p=${proof.toString('base64')}`
  }

  /** @throws Error unless the server has shown that it knows the password, too */
  verify(serverFinal: string): void {
    const { v: signature, e: error } = attributesOf(serverFinal)
    if (error) throw new Error(error)
    const given = Buffer.from(signature ?? '', 'base64')
    const expected = this.#serverSignature!
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Error('the server does not know the password')
  }

  #mac(key: Buffer, text: string): Buffer {
    return createHmac(this.#algorithm, key).update(text).digest()
  }
}

const attributesOf = (message: string): Partial<Record<string, string>> =>
  Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]))
