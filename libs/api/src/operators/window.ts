import { canMerge } from '../aggregates/fold.ts'
import type { Key, WindowFunctions } from '../definition.ts'
import type { Duration } from '../duration.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { duration, fitting, oneOf, optional, resolveOptions } from '../internal/options.ts'
import type { SideOutput } from '../side-output.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { resolveTrigger, type TriggerChoice } from '../triggers/resolve-trigger.ts'
import type { SessionWindower } from '../windows/session.ts'
import { isOfEventTime, windowerOptions, type TimeWindow, type Windower } from '../windows/windower.ts'
import { requireKnown, startEmptyRule, type AggregatesOf } from './aggregate.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

/** How one result of a window relates to the one before. */
export type Panes = 'accumulating' | 'discarding' | 'retracting'

export interface WindowOptions<T, P extends Panes = Panes> extends OperatorOptions {
  /**
   * How long behind the watermark a record still counts; its window then emits its corrected result again. Records later
   * than that are counted in `recordsLate`, and dropped unless there is a {@link lateOutput}. Default 0. Raise it when
   * late records matter more than the memory of windows kept open. Only for windows of event time.
   */
  readonly allowedLateness?: Duration
  /** Where records that come too late go, with their event times. Default: they are dropped. */
  readonly lateOutput?: SideOutput<T>
  /**
   * When results come out. Default: when the watermark reaches the window's end, and for each late record after it; for
   * windows of processing time when the clock does. Several that come early and late stand in an array.
   * @example [early.every('5s'), late.every('1m')]
   */
  readonly trigger?: TriggerChoice<T>
  /**
   * How one result of a window relates to the one before: `'accumulating'` (default) each is made of all records so far,
   * `'discarding'` of those since the last, `'retracting'` as accumulating, with the one before taken back: a changelog.
   */
  readonly panes?: P
  /**
   * Names of aggregates that a former version did not have: in windows that its checkpoint holds they begin without any
   * record, so that they are of what has come since. Without it such a checkpoint is refused. Default: none.
   */
  readonly startEmpty?: readonly string[]
}

/** Which of a window's results one is. */
export interface Pane {
  /** Relative to the moment when the watermark reached the window's end. */
  readonly timing: 'early' | 'onTime' | 'late'
  /** From 0. */
  readonly index: number
  readonly isFirst: boolean
  /** Nothing more will come of this window. */
  readonly isLast: boolean
}

/** What all results of a window have: the key where there is one, the window where it has bounds, the pane. */
export type WindowResult<K extends Key | null, W> = (K extends Key ? { readonly key: K } : unknown) &
  (W extends TimeWindow ? { readonly window: TimeWindow } : unknown) & { readonly pane: Pane }

/** What is made of each window. */
export interface WindowForm {
  readonly functions: WindowFunctions
  /** Names of aggregates; null: a reduce function. */
  readonly aggregates: readonly string[] | null
  /** Of what a reduce function makes, where it is not the first. */
  readonly version?: number
}

/** Adds the operator, once it is known what is made of each window. */
export type AddWindow = (form: WindowForm) => Upstream

const isSideOutput = (value: unknown): value is SideOutput<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string'
const isSomething = (value: unknown): value is TriggerChoice<any> => typeof value === 'object' && value !== null

/** @throws LF_PROGRAM_OPTION at once, where the options stand, and not only where the operator is added. */
export function addWindow(
  input: Upstream,
  windower: Windower<any>,
  given: WindowOptions<any> | undefined,
  { keyed }: { readonly keyed: boolean },
): AddWindow {
  const resolved = resolveOptions('window', given, {
    ...operatorRules,
    allowedLateness: optional(duration(), 0),
    lateOutput: optional(fitting(isSideOutput, 'a side output'), null),
    trigger: optional(fitting(isSomething, "a trigger such as early.every('5s')"), null),
    panes: optional(oneOf('accumulating', 'discarding', 'retracting'), 'accumulating' as const),
    startEmpty: startEmptyRule,
  })
  const { name, formerly, onError, allowedLateness, lateOutput, panes, startEmpty } = resolved
  const windowerAsJson = windowerOptions('window', windower)
  refuseIdleOptions(windower, resolved)
  const trigger = resolved.trigger && resolveTrigger(resolved.trigger, windower, panes)
  const { gap } = windower as SessionWindower<unknown>
  const options = {
    onError,
    windower: windowerAsJson,
    allowedLatenessMs: allowedLateness,
    lateOutput: lateOutput?.name ?? null,
    trigger: trigger && trigger.options,
    panes,
    keyed,
    ...(startEmpty.length > 0 && { startEmpty }),
  }
  const own = { ...(gap && { gap }), ...(trigger && { triggers: trigger.functions }) }
  return ({ functions, aggregates, version }) => {
    requireKnown('window', startEmpty, aggregates ?? [])
    if (windower.kind === 'sliding' || windower.kind === 'session')
      requireMerge(functions.aggregates ?? {}, windower.kind)
    return append<'window'>([input], {
      kind: 'window',
      name,
      formerly,
      options: { ...options, aggregates, ...(version !== undefined && { version }) },
      functions: { ...functions, ...own },
    })
  }
}

/** An option that could never do anything is a mistake. */
function refuseIdleOptions(
  windower: Windower<any>,
  options: {
    readonly allowedLateness: number
    readonly lateOutput: unknown
    readonly trigger: unknown
    readonly panes: string
  },
): void {
  const idle: string[] = []
  if (!isOfEventTime(windower)) {
    if (options.allowedLateness > 0) idle.push('allowedLateness')
    if (options.lateOutput !== null) idle.push('lateOutput')
  }
  if (windower.kind === 'count') {
    if (options.trigger !== null) idle.push('trigger')
    if (options.panes !== 'accumulating') idle.push('panes')
  }
  if (idle.length === 0) return
  const why =
    windower.kind === 'count'
      ? 'each emits one result, when it is full'
      : 'no record is late for windows that are not of event time'
  throw new LightflusError(
    'LF_PROGRAM_OPTION',
    `window: ${idle.join(' and ')} can do nothing for such windows: ${why}.`,
  )
}

/** @throws LF_PROGRAM_OPTION where a fold of the program cannot do what windows that share records or merge need. */
function requireMerge(aggregates: AggregatesOf<any>, windows: string): void {
  for (const [name, aggregate] of Object.entries(aggregates))
    if (!canMerge(aggregate))
      throw new LightflusError(
        'LF_PROGRAM_OPTION',
        `window: aggregate '${name}' has no merge, which ${windows} windows need.`,
        {
          nextStep: 'Give fold a merge in its options.',
        },
      )
}
