import type { LightflusError } from '@lightflus/api'
import type { RestartPolicy } from './deployment.ts'

export type RestartDecision =
  | { readonly restart: true; readonly delayMs: number }
  /** `because`: what the error itself does not tell of why it is the last. */
  | { readonly restart: false; readonly because: string | undefined }

export interface FailureHistory {
  readonly error: LightflusError
  /** When attempts failed, this one included, milliseconds of one clock, oldest first. */
  readonly failures: readonly number[]
  readonly now: number
  /** From 0 up to 1: spreads restarts of jobs that failed together. */
  readonly random: number
}

/**
 * Whether a failed attempt is followed by another, and after which pause: half of it certain, half by chance, doubling
 * with each failure that the window still holds.
 */
export function decideRestart(
  policy: RestartPolicy,
  { error, failures, now, random }: FailureHistory,
): RestartDecision {
  if (error.domain === 'user' || !error.retry) return { restart: false, because: undefined }
  const recent = failures.filter((at) => at > now - policy.windowMs).length
  if (recent > policy.failuresMax) {
    return { restart: false, because: `It failed ${recent} times within ${policy.windowMs / 1_000} s.` }
  }
  const pause = Math.min(policy.delayMsMax, policy.delayMs * 2 ** (recent - 1))
  return { restart: true, delayMs: Math.round(pause * (0.5 + random / 2)) }
}
