import type { Duration } from '../duration.ts'
import { fitting, resolveOptions } from '../internal/options.ts'
import { durationMs } from '../duration.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import type { Combine, JoinKind } from './join-kinds.ts'
import { joinRules } from './join.ts'
import type { OperatorOptions } from './operator-options.ts'

/** A duration that may be negative: `'-5m'`. */
export type SignedDuration = Duration | `-${Extract<Duration, string>}`

export interface IntervalJoinOptions<L, R, Kind extends JoinKind, Out> extends OperatorOptions {
  /** A right record is a partner when its event time is between the left one's plus `from` and plus `to`, both included. */
  readonly from: SignedDuration
  /** Not before `from`. Records are kept for as long as a partner may come, so the wider the interval, the more of them. */
  readonly to: SignedDuration
  /** Default `'inner'`. */
  readonly kind?: Kind
  /** What is made of a pair. Default `{ left, right }`. */
  readonly combine?: Combine<L, R, Kind, Out>
}

const isSignedDuration = (value: unknown): value is SignedDuration => {
  try {
    return Number.isFinite(signedMs(value as SignedDuration))
  } catch {
    return false
  }
}
const signed = fitting(isSignedDuration, "a duration such as '5m' or '-5m'")

function signedMs(value: SignedDuration): number {
  if (typeof value === 'number') return value
  return value.startsWith('-') ? -durationMs(value.slice(1) as Duration) : durationMs(value as Duration)
}

export function addIntervalJoin(
  left: Upstream,
  right: Upstream,
  given: IntervalJoinOptions<any, any, any, any>,
): Upstream {
  const resolved = resolveOptions('intervalJoin', given, { ...joinRules, from: signed, to: signed })
  const { name, formerly, onError, kind, combine, from, to } = resolved
  if (signedMs(from) > signedMs(to))
    throw new LightflusError('LF_PROGRAM_OPTION', `intervalJoin: option 'from' (${from}) lies after 'to' (${to}).`)
  return append<'intervalJoin'>([left, right], {
    kind: 'intervalJoin',
    name,
    formerly,
    options: { onError, kind, fromMs: signedMs(from), toMs: signedMs(to) },
    functions: { combine },
  })
}
