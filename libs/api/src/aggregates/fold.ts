import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { versionOf, versionRules, type VersionOptions } from '../migration.ts'
import { fn, optional, resolveOptions } from '../internal/options.ts'

/** The version is that of the accumulators. */
export interface FoldOptions<T, Acc, Out> extends VersionOptions<Acc> {
  /**
   * Joins two accumulators of disjoint records, those of `a` before those of `b`; may change and return `a`, but neither
   * change nor return `b`. Needed by sliding and session windows.
   */
  readonly merge?: (a: Acc, b: Acc) => Acc
  /** What becomes of the accumulator, which must be left as it is. Default: the accumulator itself. */
  readonly result?: (accumulator: Acc) => Out
  /** Takes a record back that was added before: needed over changelogs. */
  readonly retract?: (accumulator: Acc, value: T) => Acc
}

/**
 * An aggregate of one's own.
 * @param create a new accumulator. It may hold only what structured clone can copy, since it is snapshotted as it is.
 * @param add takes a record in, and returns the accumulator to go on with; it may change the one that it is given, but
 * leaves it as it was when it throws.
 * @example fold(() => 1, (product, factor: number) => product * factor, { merge: (a, b) => a * b })
 */
export function fold<T, Acc, Out = Acc>(
  create: () => Acc,
  add: (accumulator: Acc, value: T) => Acc,
  options: FoldOptions<T, Acc, Out> & { readonly retract: (accumulator: Acc, value: T) => Acc },
): RetractableAggregate<T, Acc, NoInfer<Out>>
export function fold<T, Acc, Out = Acc>(
  create: () => Acc,
  add: (accumulator: Acc, value: T) => Acc,
  options?: FoldOptions<T, Acc, Out>,
): Aggregate<T, Acc, NoInfer<Out>>
export function fold<T, Acc, Out>(
  create: () => Acc,
  add: (accumulator: Acc, value: T) => Acc,
  options?: FoldOptions<T, Acc, Out>,
): Aggregate<T, Acc, Out> {
  resolveOptions('fold', { create, add }, { create: fn(), add: fn() })
  const { merge, result, retract } = resolveOptions('fold', options, {
    merge: optional(fn<(a: Acc, b: Acc) => Acc>(), missingMerge),
    result: optional(fn<(accumulator: Acc) => Out>(), itself as (accumulator: Acc) => Out),
    retract: optional(fn<(accumulator: Acc, value: T) => Acc>(), undefined),
    ...versionRules,
  })
  return { create, add, merge, result, ...(retract && { retract }), ...versionOf('fold', options ?? {}) }
}

/** Whether accumulators can be joined, which sliding and session windows do. */
export function canMerge({ merge }: Aggregate): boolean {
  return merge !== missingMerge
}

function missingMerge(): never {
  throw new LightflusError('LF_PROGRAM_OPTION', 'fold: has no merge, and accumulators have to be joined here.', {
    nextStep: 'Give fold a merge in its options.',
  })
}

const itself = (accumulator: unknown): unknown => accumulator
