import { duration, fitting, resolveOptions, whole } from '../internal/options.ts'
import type { Duration } from '../duration.ts'
import type { Trigger, TriggerOptions } from './trigger-options.ts'

const recordsMax = 1_000_000_000
const kinds: ReadonlySet<string> = new Set<TriggerOptions['kind']>([
  'eventTime',
  'processingTime',
  'every',
  'count',
  'any',
  'all',
  'sequence',
  'purging',
  'custom',
])

export function isTrigger(value: unknown): value is Trigger<any> {
  return typeof value === 'object' && value !== null && kinds.has((value as { kind?: unknown }).kind as string)
}

/** So long by the clock, at least 1 ms. @throws LF_PROGRAM_OPTION */
export function everyOf(owner: string, interval: Duration): TriggerOptions & { readonly kind: 'every' } {
  return { kind: 'every', everyMs: resolveOptions(owner, { interval }, { interval: duration(1) }).interval }
}

/** So many records, at least 1. @throws LF_PROGRAM_OPTION */
export function countOf(owner: string, count: number): TriggerOptions & { readonly kind: 'count' } {
  return { kind: 'count', count: resolveOptions(owner, { count }, { count: whole(1, recordsMax) }).count }
}

/** Triggers that make up one. @throws LF_PROGRAM_OPTION */
export function triggersOf<T>(owner: string, triggers: readonly Trigger<T>[]): readonly Trigger<T>[] {
  const areTriggers = (value: unknown): value is readonly Trigger<T>[] =>
    Array.isArray(value) && value.length > 0 && value.every(isTrigger)
  resolveOptions(owner, { triggers }, { triggers: fitting(areTriggers, 'triggers such as trigger.count(100)') })
  return triggers
}
