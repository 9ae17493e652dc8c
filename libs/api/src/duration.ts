import { LightflusError } from './errors/lightflus-error.ts'

/** A span of time: milliseconds as a number, or text such as `'500ms'`, `'5s'`, `'1m'`, `'2h'`, `'1d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The duration in whole milliseconds.
 * @throws LF_PROGRAM_OPTION when it is negative, not finite, or not of the form that {@link Duration} states.
 */
export function durationMs(duration: Duration, option = 'duration'): number {
  const match = typeof duration === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) : undefined
  const ms = typeof duration === 'number' ? duration : match ? Number(match[1]) * unitMs[match[2]!]! : Number.NaN
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms)
  throw new LightflusError('LF_PROGRAM_OPTION', `${option}: '${String(duration)}' is not a duration`, {
    nextStep: "Give milliseconds as a number, or text such as '500ms', '5s', '1m', '2h' or '1d'.",
  })
}
