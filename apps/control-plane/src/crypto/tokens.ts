import { createHash, createHmac, randomBytes } from 'node:crypto'

/** What a credential is, told by how it begins, so that one found in the wild is recognised. */
export const tokenPrefixes = { refreshToken: 'lfr_', apiKey: 'lfk_', worker: 'lfw_' } as const

export interface NewToken {
  readonly token: string
  readonly hash: string
}

/** A new credential of 256 random bits. Only its hash is stored; a slow hash would add nothing to that many bits. */
export function newToken(kind: 'refreshToken' | 'apiKey'): NewToken {
  const token = tokenPrefixes[kind] + randomBytes(32).toString('base64url')
  return { token, hash: hashToken(token) }
}

/**
 * The token of a worker: always the same for the same worker and key, so that a control plane which starts anew can
 * give it to the worker's next process without having stored it.
 */
export function workerToken(key: Buffer, workerId: string): NewToken {
  const token = tokenPrefixes.worker + createHmac('sha256', key).update(workerId).digest('base64url')
  return { token, hash: hashToken(token) }
}

/** SHA-256, hex. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
