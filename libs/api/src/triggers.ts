import type { Duration } from './duration.ts'
import type { Json } from './graph.ts'
import { duration, resolveOptions, whole } from './internal/options.ts'

/** When a window's result comes out, as the graph shows it. */
export type Trigger = { readonly [key: string]: Json } & { readonly kind: string }

/** When results come before the watermark has reached the window's end. */
export const early = {
  /** Every so long by the worker's clock, once the window has records. @example early.every('5s') */
  every: (interval: Duration): Trigger => ({
    kind: 'earlyEvery',
    everyMs: resolveOptions('early.every', { interval }, { interval: duration(1) }).interval,
  }),
  /** After every so many records. @example early.count(100) */
  count: (count: number): Trigger => ({
    kind: 'earlyCount',
    count: resolveOptions('early.count', { count }, { count: whole(1, 1_000_000_000) }).count,
  }),
}
