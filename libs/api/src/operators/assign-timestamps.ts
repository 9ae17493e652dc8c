import { fn, resolveOptions } from '../internal/options.ts'
import { eventTimeForm, eventTimeRules, timeFunctions, type EventTimeOptions } from '../source-time.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

/** New event times, and the watermark that follows from them. */
export type AssignTimestampsOptions<T> = EventTimeOptions<T> & Required<Pick<EventTimeOptions<T>, 'eventTime'>>

export function addAssignTimestamps(
  input: Upstream,
  time: AssignTimestampsOptions<any>,
  given: OperatorOptions | undefined,
): Upstream {
  const resolved = resolveOptions('assignTimestamps', time, {
    ...eventTimeRules,
    eventTime: fn<(value: any) => number>(),
  })
  const { name, formerly, onError } = resolveOptions('assignTimestamps', given, operatorRules)
  return append<'assignTimestamps'>([input], {
    kind: 'assignTimestamps',
    name,
    formerly,
    options: { onError, ...eventTimeForm('assignTimestamps', resolved) },
    functions: { ...timeFunctions(resolved), eventTime: resolved.eventTime },
  })
}
