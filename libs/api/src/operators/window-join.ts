import { LightflusError } from '../errors/lightflus-error.ts'
import { resolveOptions } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import type { SessionWindower } from '../windows/session.ts'
import { isOfEventTime, windowerOptions, type TimeWindow, type TimeWindower } from '../windows/windower.ts'
import type { Joined, JoinKind } from './join-kinds.ts'
import { joinRules } from './join.ts'
import type { OperatorOptions } from './operator-options.ts'

export interface WindowJoinOptions<L, R, Kind extends JoinKind, Out> extends OperatorOptions {
  /** Default `'inner'`. */
  readonly kind?: Kind
  /** What is made of a pair, and of the window that it lies in. Default `{ left, right }`. */
  readonly combine?: (left: Joined<L, R, Kind>['left'], right: Joined<L, R, Kind>['right'], window: TimeWindow) => Out
}

/** @throws LF_PROGRAM_OPTION for windows that are not of event time: streams would not meet in them in the same way twice. */
export function addWindowJoin(
  left: Upstream,
  right: Upstream,
  windower: TimeWindower<any>,
  given: WindowJoinOptions<any, any, any, any> | undefined,
): Upstream {
  const { name, formerly, onError, kind, combine } = resolveOptions('windowJoin', given, joinRules)
  const options = { onError, kind, windower: windowerOptions('windowJoin', windower) }
  if (!isOfEventTime(windower))
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      'windowJoin: takes tumbling, sliding, session or calendar windows, of event time.',
    )
  const { gap } = windower as SessionWindower<any>
  const functions = { combine, ...(gap && { gap }) }
  return append<'windowJoin'>([left, right], { kind: 'windowJoin', name, formerly, options, functions })
}
