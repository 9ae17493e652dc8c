import { durationMs, type Duration } from './duration.ts'
import type { SourceFunctions } from './definition.ts'
import { LightflusError } from './errors/lightflus-error.ts'
import {
  duration,
  fitting,
  fn,
  nullable,
  optional,
  resolveOptions,
  text,
  type ResolvedOptions,
} from './internal/options.ts'
import { watermarkKind, watermarkRule, type Watermark } from './watermarks.ts'

/** How event time and its watermark are told: of a source, and of records in mid-stream. */
export interface EventTimeOptions<T> {
  /** Event time of a record, milliseconds since the epoch. Default: the record's own timestamp, where the system has one. */
  readonly eventTime?: (value: T) => number
  /**
   * How far behind the newest record of a partition the watermark stays. Default 0: records of a partition come in order.
   * Raise it when `recordsLate` counts; lower it when results come too late. Excludes {@link watermark}.
   */
  readonly outOfOrderness?: Duration
  /** Another rule for the watermark than a bound on the disorder. Default: {@link outOfOrderness}. */
  readonly watermark?: Watermark<T>
  /**
   * How far beyond the worker's clock a record may lie and still move the watermark. A record with a clock that runs
   * ahead (or garbage for a time) would otherwise make all that follows late. It goes on itself, and is counted in
   * `recordsAhead`. Input that ends is never checked. Default `'1d'`, of made-up input (the generator) null: no bound.
   */
  readonly maxClockAhead?: Duration | null
}

/** How a source tells event time and its watermark. */
export interface SourceTimeOptions<T> extends EventTimeOptions<T> {
  /** After how long at its log's end a partition no longer holds the watermark back. Default: never. */
  readonly idleness?: Duration
  /** Waits for slower sources. Default: each source reads as fast as the job takes its records. */
  readonly alignment?: SourceAlignment
}

/** Sources that wait for each other, so that what joins them need not keep what the fast one is ahead. */
export interface SourceAlignment {
  /** Sources of the job that give the same name wait for each other. */
  readonly group: string
  /**
   * How far this source's watermark may be ahead of the least in the group; beyond it nothing more is read until the
   * others have caught up. Lower it when a join's state is too large; raise it when sources stand still too often. Less
   * than the time that one batch (about a thousand records) spans has no further effect.
   */
  readonly maxDrift: Duration
}

export const eventTimeRules = {
  eventTime: optional(fn<(value: any) => number>(), undefined),
  outOfOrderness: optional(duration(), undefined),
  watermark: watermarkRule,
  maxClockAhead: optional(nullable(duration(1)), durationMs('1d')),
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

export const sourceTimeRules = {
  ...eventTimeRules,
  idleness: optional(duration(1), null),
  alignment: optional(fitting(isObject, '{ group, maxDrift }'), null),
}

/** The graph's form of the options that sources and operators in mid-stream have. */
export function eventTimeForm(owner: string, resolved: ResolvedOptions<typeof eventTimeRules>) {
  return {
    watermark: watermarkKind(owner, resolved.watermark, resolved.outOfOrderness),
    maxClockAheadMs: resolved.maxClockAhead,
  }
}

/**
 * The graph's form of the time options.
 * @param bounded whether the source ends by itself: then no record can lie ahead of anything.
 * @throws LF_PROGRAM_OPTION
 */
export function sourceTime(owner: string, resolved: ResolvedOptions<typeof sourceTimeRules>, bounded: boolean) {
  const { watermark, maxClockAheadMs } = eventTimeForm(owner, resolved)
  if (watermark.kind === 'atEnd' && !bounded)
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      `${owner}: watermark 'atEnd' needs input that ends, and this source does not.`,
    )
  const rules = { group: text(), maxDrift: duration() }
  const alignment = resolved.alignment && resolveOptions(`${owner}: alignment`, resolved.alignment, rules)
  return {
    watermark,
    maxClockAheadMs: bounded ? null : maxClockAheadMs,
    idlenessMs: resolved.idleness,
    alignment: alignment && { group: alignment.group, maxDriftMs: alignment.maxDrift },
  }
}

/** The closures of the time options. */
export function timeFunctions({
  eventTime,
  watermark,
}: {
  readonly eventTime: SourceFunctions['eventTime']
  readonly watermark: Watermark<any> | undefined
}): Pick<SourceFunctions, 'eventTime' | 'watermark'> {
  return { ...(eventTime && { eventTime }), ...(typeof watermark === 'object' && { watermark }) }
}
