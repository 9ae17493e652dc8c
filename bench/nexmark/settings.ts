import type { StandardSchema } from 'lightflus'
import type { NexmarkEvent } from './events.ts'

/** Where a query reads its events from, and where its rows go. */
export interface NexmarkSettings {
  readonly source:
    | { readonly kind: 'generator'; /** Null: no end. */ readonly events: number | null; readonly seed: number }
    /** JSON lines. */
    | { readonly kind: 'files'; readonly path: string }
    /** With the schema of its rows: event-schema.ts, which not every query needs to bring. */
    | { readonly kind: 'parquet'; readonly path: string; readonly value: StandardSchema<unknown, NexmarkEvent> }
    /** Of the connection `nexmark`. Bounded: reads to the topic's end and ends. */
    | { readonly kind: 'kafka'; readonly topic: string; readonly bounded: boolean }
  readonly sink:
    | { readonly kind: 'table' }
    | { readonly kind: 'files'; readonly path: string }
    /** Without a delivery it is the default's: exactly once where checkpoints are durable. */
    | { readonly kind: 'kafka'; readonly topic: string; readonly delivery?: 'exactly-once' | 'at-least-once' }
}

let current: NexmarkSettings = {
  source: { kind: 'generator', events: 100_000, seed: 42 },
  sink: { kind: 'table' },
}

export const settings = (): NexmarkSettings => current

/**
 * Gives the queries other places than a generator and a table. A program sees no environment, so whoever measures writes
 * one that says them and passes the query on:
 * @example
 * import query from './queries/q5.ts'
 * import { configure } from './settings.ts'
 *
 * configure({ source: { kind: 'kafka', topic: 'nexmark', bounded: true }, sink: { kind: 'kafka', topic: 'q5' } })
 * export default query
 */
export function configure(places: Partial<NexmarkSettings>): void {
  current = { ...current, ...places }
}
