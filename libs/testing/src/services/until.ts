import { setTimeout as pause } from 'node:timers/promises'

export interface UntilOptions {
  /** What is waited for, as it should read in the message when it never came: 'the job to be RUNNING'. */
  readonly what: string
  /** Milliseconds after which the wait fails. Default 30 000: generous, since it costs time only when a test fails. */
  readonly deadlineMs?: number
  /** Milliseconds between two looks. Default 25. */
  readonly intervalMs?: number
}

/**
 * Looks at `condition` until it returns something other than `false`, `null` and `undefined`, and returns that. A
 * condition that throws counts as not yet met, so an `expect` may stand in it.
 * @throws Error when the deadline has passed; its cause is what the condition threw last.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions,
): Promise<Exclude<T, false | null | undefined | void>> {
  const { what, deadlineMs = 30_000, intervalMs = 25 } = options
  const end = performance.now() + deadlineMs
  let cause: unknown
  let seen: unknown
  do {
    try {
      seen = await condition()
      cause = undefined
      if (seen !== undefined && seen !== null && seen !== false) {
        return seen as Exclude<T, false | null | undefined | void>
      }
    } catch (thrown) {
      cause = thrown
    }
    await pause(intervalMs)
  } while (performance.now() < end)
  const last = cause instanceof Error ? cause.message : `last seen: ${String(seen)}`
  throw new Error(`Waited ${deadlineMs} ms for ${what}; ${last}`, { cause })
}
