import type { Key } from '@lightflus/api'
import type { Clock } from '../../connector.ts'

/** How long one entry of a state lives. */
export interface Lease {
  readonly key: Key
  /** Which entry of a map state; undefined for what is one for the whole key. */
  readonly entry: Key | undefined
  /** Milliseconds of the host's clock. */
  expiresAt: number
  /** Where it is listed: under its expiry of then, since renewing does not move it. */
  bucket: number
}

/** About what a lease takes, and its place in a bucket. */
export const leaseBytes = 120

/** How finely expiry is told: entries are removed at most a fiftieth of their time to live after it has ended … */
const bucketsPerTtl = 50
/** … but no more often than this. */
const bucketMsMin = 100

/**
 * When the entries of one state expire. Leases are listed in buckets by expiry, so that those that have ended are found
 * without looking at the others; one that was renewed meanwhile moves on when its bucket's turn comes. So a renewal costs
 * nothing, and every lease is in one bucket.
 */
export class Leases {
  readonly #ttlMs: number
  readonly #bucketMs: number
  readonly #clock: Clock
  readonly #buckets = new Map<number, Set<Lease>>()
  #firstBucket = Infinity

  constructor(ttlMs: number, clock: Clock) {
    this.#ttlMs = ttlMs
    this.#bucketMs = Math.max(bucketMsMin, Math.ceil(ttlMs / bucketsPerTtl))
    this.#clock = clock
  }

  /** @param expiresAt of an entry that is restored; absent: from now on. */
  grant(key: Key, entry?: Key, expiresAt = this.newExpiry()): Lease {
    const lease = { key, entry, expiresAt, bucket: 0 }
    this.enlist(lease)
    return lease
  }

  newExpiry(): number {
    return this.#clock.now() + this.#ttlMs
  }

  isLive({ expiresAt }: Lease): boolean {
    return expiresAt > this.#clock.now()
  }

  enlist(lease: Lease): void {
    const number = Math.floor(lease.expiresAt / this.#bucketMs)
    lease.bucket = number
    const bucket = this.#buckets.get(number)
    if (bucket === undefined) this.#buckets.set(number, new Set([lease]))
    else bucket.add(lease)
    this.#firstBucket = Math.min(this.#firstBucket, number)
  }

  /** Its entry is gone. */
  release(lease: Lease): void {
    const bucket = this.#buckets.get(lease.bucket)
    if (bucket === undefined || !bucket.delete(lease) || bucket.size > 0) return
    this.#buckets.delete(lease.bucket)
    if (lease.bucket === this.#firstBucket) this.#findFirst()
  }

  /** When entries are to be removed next; Infinity: there are none. */
  get dueAt(): number {
    return (this.#firstBucket + 1) * this.#bucketMs
  }

  /** Those that have ended by now and whose bucket has passed: they are listed no more. */
  takeEnded(now: number): Lease[] {
    const ended: Lease[] = []
    while (this.dueAt <= now) {
      const bucket = this.#buckets.get(this.#firstBucket)!
      this.#buckets.delete(this.#firstBucket)
      this.#findFirst()
      for (const lease of bucket) {
        if (lease.expiresAt <= now) ended.push(lease)
        else this.enlist(lease)
      }
    }
    return ended
  }

  /** There are about {@link bucketsPerTtl} buckets, so that looking at all of them is cheap. */
  #findFirst(): void {
    this.#firstBucket = Infinity
    for (const number of this.#buckets.keys()) this.#firstBucket = Math.min(this.#firstBucket, number)
  }
}
