import type { JoinKind, Key } from '@lightflus/api'

/** A record of the model's programs; its event time stands beside it. */
export interface Item {
  readonly id: number
  readonly key: Key
  readonly value: number
}

export type Side = 'left' | 'right'

/** What happens to records before they are keyed. */
export type Step =
  | { readonly op: 'map'; readonly times: number; readonly plus: number }
  /** Leaves out values that are multiples. */
  | { readonly op: 'filter'; readonly multiplesOf: number }
  /** As many copies as the value modulo 3. */
  | { readonly op: 'flatMap' }
  /** By a function that returns a promise. */
  | { readonly op: 'mapAsync'; readonly plus: number }
  /** Writes multiples to a side output and the others to the main one; goes on with one of them. */
  | { readonly op: 'split'; readonly multiplesOf: number; readonly take: 'main' | 'side' }

export type ModelWindow =
  | { readonly kind: 'tumbling'; readonly size: number; readonly offset: number; readonly time: 'event' | 'processing' }
  | { readonly kind: 'sliding'; readonly size: number; readonly every: number; readonly offset: number }
  | { readonly kind: 'session'; readonly gap: number }
  /** The gap is 1 and the value modulo so much. */
  | { readonly kind: 'sessionByValue'; readonly modulo: number }
  | { readonly kind: 'calendar'; readonly unit: 'hour' | 'day'; readonly timeZone: string }
  | { readonly kind: 'global' }

export type ModelTrigger =
  | { readonly kind: 'count'; readonly records: number }
  | { readonly kind: 'every'; readonly ms: number }
  | { readonly kind: 'eventTime' }
  /** The program's own: with each multiple. */
  | { readonly kind: 'custom'; readonly multiplesOf: number }
  | { readonly kind: 'any' | 'all' | 'sequence'; readonly of: readonly ModelTrigger[] }
  | { readonly kind: 'purging'; readonly of: ModelTrigger }
  | { readonly kind: 'phases'; readonly early: ModelPhase | null; readonly late: ModelPhase | null }
export type ModelPhase = { readonly records: number } | { readonly ms: number }

/** What is made of the records, by key unless it says otherwise. */
export type Terminal =
  | {
      readonly op: 'window'
      readonly window: ModelWindow
      readonly lateness: number
      readonly trigger: ModelTrigger | null
      readonly panes: 'accumulating' | 'discarding' | 'retracting'
      readonly keyed: boolean
    }
  /** Each record with how many of its key there were, and so much later (ticks, or milliseconds of the clock) how many there are. */
  | { readonly op: 'process'; readonly timer: 'eventTime' | 'processingTime'; readonly after: number }
  | { readonly op: 'countWindow'; readonly size: number; readonly every: number }
  | { readonly op: 'aggregate' | 'reduce'; readonly emit: 'updates' | 'changelog' }
  | { readonly op: 'deduplicate'; readonly keep: 'first' | 'last' }
  /** By the value modulo so much, or by whole records of that value and no id. */
  | { readonly op: 'distinctUntilChanged'; readonly by: 'value' | 'record'; readonly modulo: number }
  | { readonly op: 'topN'; readonly n: number; readonly order: 'ascending' | 'descending' }
  | { readonly op: 'windowJoin'; readonly window: ModelWindow; readonly kind: JoinKind }
  | { readonly op: 'intervalJoin'; readonly from: number; readonly to: number; readonly kind: JoinKind }
  | { readonly op: 'join'; readonly kind: JoinKind }
  /** Sums of the left keys, with the last record of the right ones: changelogs joined. */
  | { readonly op: 'tableJoin'; readonly kind: JoinKind }
  | { readonly op: 'temporalJoin'; readonly kind: 'inner' | 'left' }
  /** Each left record with the last right one that came before it: of its key, or of all where that is broadcast. */
  | { readonly op: 'connect'; readonly isBroadcast: boolean }

export interface Program {
  /** Milliseconds of one tick, and the event time of tick 0. */
  readonly tickMs: number
  readonly epoch: number
  readonly steps: { readonly [S in Side]: readonly Step[] }
  /** Whether an operator with one input takes both sources. */
  readonly union: boolean
  readonly terminal: Terminal
  /** Where the result is a changelog: whether it is grouped and aggregated once more. */
  readonly rollUp: boolean
  /** Windows over the results of a window that emits each once; null: none. */
  readonly again: ModelWindow | null
  /** What windows fold records into: numbers in columns, an accumulator of the program's own, or all records and those that are late. */
  readonly folds: 'numbers' | 'objects' | 'records'
  /** An aggregate throws on multiples, which `onError` lets skip; null: none does. */
  readonly throwsOn: number | null
}

/** One thing that happens to a running program. Times are in ticks. */
export type ScriptEvent =
  /** `isHasty`: what follows does not wait for it. */
  | {
      readonly do: 'push'
      readonly side: Side
      readonly items: readonly (Item & { readonly at: number })[]
      readonly isHasty: boolean
    }
  | { readonly do: 'watermark'; readonly side: Side; readonly to: number }
  | { readonly do: 'end'; readonly side: Side }
  /** The clock moves on, milliseconds. */
  | { readonly do: 'advance'; readonly by: number }
  /** A checkpoint; so many further events whose results are lost; a restart from the checkpoint. */
  | { readonly do: 'crash'; readonly lost: number; readonly parallelism: number }

export const joinOps: ReadonlySet<Terminal['op']> = new Set([
  'windowJoin',
  'intervalJoin',
  'join',
  'tableJoin',
  'temporalJoin',
  'connect',
])

const orderedOps: ReadonlySet<Terminal['op']> = new Set([
  'process',
  'countWindow',
  'deduplicate',
  'distinctUntilChanged',
  'topN',
  'tableJoin',
  'temporalJoin',
  'connect',
])

/** Whether the result depends on the order in which records of one key come, beyond what watermarks say. */
export function dependsOnOrder({ terminal }: Program): boolean {
  // A record that is late alone is not where one before it has opened a session for it.
  if (terminal.op === 'window') return isSession(terminal.window)
  return orderedOps.has(terminal.op)
}

/** Whether its results come once, so that they may be put into windows again. */
export function emitsOnce(terminal: Terminal): boolean {
  if (terminal.op !== 'window' || terminal.panes === 'retracting' || !terminal.keyed) return false
  const { window, lateness, trigger } = terminal
  return window.kind !== 'global' && !isOfClock(window) && lateness === 0 && trigger === null
}

export const isSession = ({ kind }: ModelWindow): boolean => kind === 'session' || kind === 'sessionByValue'
export const isOfClock = (window: ModelWindow): boolean => window.kind === 'tumbling' && window.time === 'processing'

/** The sources that a program reads. */
export function sidesOf({ terminal, union }: Program): readonly Side[] {
  return union || joinOps.has(terminal.op) ? ['left', 'right'] : ['left']
}

export function isChangelog({ terminal }: Program): boolean {
  switch (terminal.op) {
    case 'window':
      return terminal.panes === 'retracting'
    case 'aggregate':
    case 'reduce':
      return terminal.emit === 'changelog'
    case 'deduplicate':
      return terminal.keep === 'last'
    case 'topN':
    case 'tableJoin':
      return true
    // An inner join of records only ever adds pairs.
    case 'join':
      return terminal.kind !== 'inner'
    default:
      return false
  }
}

/** Event time of a tick. */
export const timeOf = ({ epoch, tickMs }: Program, tick: number): number => epoch + tick * tickMs

/** Terminals whose aggregates may throw. */
export const aggregatingOps: ReadonlySet<Terminal['op']> = new Set(['window', 'countWindow', 'aggregate'])

/** Whether the program's aggregates throw on the record, which then counts nowhere. */
export function isSkipped({ throwsOn, terminal }: Program, { value }: Item): boolean {
  return throwsOn !== null && aggregatingOps.has(terminal.op) && isMultiple(value, throwsOn)
}

/** A value that is one of the multiples, whatever its sign. */
export const isMultiple = (value: number, of: number): boolean => value % of === 0
/** From 0 up, whatever the sign. */
export const modulo = (value: number, by: number): number => ((value % by) + by) % by
