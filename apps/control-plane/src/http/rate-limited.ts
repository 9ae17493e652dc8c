import { LightflusError } from '@lightflus/api'

/** The refusal of a request that came too soon; the filter makes Retry-After of its detail. */
export function rateLimited(what: string, waitMs: number): LightflusError {
  const retryAfterSeconds = Math.ceil(waitMs / 1_000)
  return new LightflusError('LF_RATE_LIMITED', `Too many ${what}; try again in ${retryAfterSeconds} s.`, {
    details: { retryAfterSeconds },
  })
}
