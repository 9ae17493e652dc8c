import type { Aggregate, ChangelogAggregate, Key } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { fitting, flag, fn, oneOf, optional, resolveOptions, text } from '../internal/options.ts'
import { versionRules } from '../migration.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export interface RunningOptions extends OperatorOptions {
  /**
   * What comes out for each record: `'updates'` (default) the result so far, as a record of its own; `'changelog'` the
   * change of the key's one row, so that what follows can take the former result back, and nothing where the row stays as
   * it is. A bounded job emits one final row for each key, whatever is asked for.
   */
  readonly emit?: 'updates' | 'changelog'
}

export interface AggregateOptions extends RunningOptions {
  /**
   * Names of aggregates that a former version did not have: for keys that are in its checkpoint they begin without any
   * record, so that they are of what has come since. Without it such a checkpoint is refused. Default: none.
   */
  readonly startEmpty?: readonly string[]
}

export const runningRules = { ...operatorRules, emit: optional(oneOf('updates', 'changelog'), 'updates' as const) }

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
export const startEmptyRule = optional(
  fitting(areTexts, "a list of aggregates, such as ['spent']"),
  [] as readonly string[],
)

/** @param aggregates that may start empty. @throws LF_PROGRAM_OPTION where others are named. */
export function requireKnown(owner: string, startEmpty: readonly string[], aggregates: readonly string[]): void {
  const unknown = startEmpty.filter((name) => !aggregates.includes(name))
  if (unknown.length === 0) return
  throw new LightflusError(
    'LF_PROGRAM_OPTION',
    `${owner}: startEmpty names ${unknown.join(', ')}; here it may name ${aggregates.join(', ') || 'none'}.`,
  )
}

export type AggregatesOf<T> = Readonly<Record<string, Aggregate<T, any, any>>>
export type RetractableAggregatesOf<T> = Readonly<Record<string, ChangelogAggregate<T, any>>>

/** The named results. */
export type AggregateResults<A extends AggregatesOf<any>> = {
  readonly [Name in keyof A]: A[Name] extends Aggregate<any, any, infer Out> ? Out : never
}

/** What a keyed aggregate emits: the key beside the named results. */
export type KeyedResult<K extends Key, A extends AggregatesOf<any>> = { readonly key: K } & AggregateResults<A>

/** @param input what the aggregates stand over: records that stay, or rows that may be taken back. */
export function addAggregate(
  upstream: Upstream,
  aggregates: AggregatesOf<any>,
  given: AggregateOptions | undefined,
  input: 'records' | 'changelog' = 'records',
): Upstream {
  const names = aggregateNames('aggregate', aggregates, ['key'])
  if (input === 'changelog') requireRetractable(aggregates)
  const resolved = resolveOptions('aggregate', given, { ...runningRules, startEmpty: startEmptyRule })
  const { name, formerly, onError, emit, startEmpty } = resolved
  // Rows that it has not been given cannot be taken back from it.
  requireKnown('aggregate', startEmpty, input === 'changelog' ? [] : names)
  return append<'aggregate'>([upstream], {
    kind: 'aggregate',
    name,
    formerly,
    options: { onError, emit, input, aggregates: names, ...(startEmpty.length > 0 && { startEmpty }) },
    functions: { aggregates },
  })
}

/** Said by the types, too; this is for who writes JavaScript. @throws LF_PROGRAM_OPTION. */
function requireRetractable(aggregates: AggregatesOf<any>): void {
  for (const [name, { retract, overChangelog }] of Object.entries(aggregates))
    if (!retract && !overChangelog)
      throw new LightflusError(
        'LF_PROGRAM_OPTION',
        `aggregate: '${name}' cannot take rows back, and its input is a changelog.`,
      )
}

const isAggregate = (value: unknown): value is Aggregate => typeof value === 'object' && value !== null
const areFunctions = (value: unknown): value is readonly ((record: any) => unknown)[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'function')
const aggregateRule = {
  form: optional(text(), undefined),
  create: fn(),
  add: fn(),
  merge: fn(),
  result: fn(),
  retract: optional(fn(), undefined),
  overChangelog: optional(fitting(isAggregate, 'an aggregate'), undefined),
  grows: optional(flag(), false),
  ...versionRules,
  looksAt: optional(fitting(areFunctions, 'an array of functions'), undefined),
}

/** @throws LF_PROGRAM_OPTION where something is no aggregate, or would hide a field that results have already. */
export function aggregateNames(
  owner: string,
  aggregates: AggregatesOf<any>,
  taken: readonly string[],
): readonly string[] {
  const names = Object.keys(aggregates)
  if (names.length === 0) throw new LightflusError('LF_PROGRAM_OPTION', `${owner}: names no aggregate.`)
  for (const name of names) {
    if (taken.includes(name))
      throw new LightflusError(
        'LF_PROGRAM_OPTION',
        `${owner}: an aggregate cannot be named '${name}': results have that field already.`,
      )
    resolveOptions(`${owner}: aggregate '${name}'`, aggregates[name], aggregateRule)
  }
  return names
}
