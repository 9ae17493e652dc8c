import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const formatVersion = 1
const ivBytes = 12
const tagBytes = 16

/**
 * Seals what is stored: AES-256-GCM, as version (1 byte), nonce (12), tag (16), ciphertext. The context (such as
 * `connection/<tenant>/<id>`) is authenticated with it, so a sealed value moved to another row does not open.
 */
export class SecretBox {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  seal(text: string, context: string): Buffer<ArrayBuffer> {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(context))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([Buffer.of(formatVersion), iv, cipher.getAuthTag(), sealed])
  }

  /** Throws when the bytes were changed, were sealed by another key or for another context. */
  open(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed)
    if (bytes[0] !== formatVersion) throw new Error(`unknown version ${bytes[0]} of a sealed value`)
    const iv = bytes.subarray(1, 1 + ivBytes)
    const tag = bytes.subarray(1 + ivBytes, 1 + ivBytes + tagBytes)
    const decipher = createDecipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(context)).setAuthTag(tag)
    return Buffer.concat([decipher.update(bytes.subarray(1 + ivBytes + tagBytes)), decipher.final()]).toString('utf8')
  }
}
