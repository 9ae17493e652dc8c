import type { SourceDeclaration } from '../definition.ts'
import { decoding, isValueFormat, type ValueFormat } from '../formats.ts'
import { fitting, fn, optional, positive, resolveOptions, whole } from '../internal/options.ts'
import { sourceTime, sourceTimeRules, timeFunctions, type SourceTimeOptions } from '../source-time.ts'
import { validating, validationForm, validationRule, type ValidationOptions } from '../validation.ts'

/** What a generate function may build a record from. The same index always sees the same, also after a restore. */
export interface GeneratorContext {
  /** Evenly spread in [0, 1), from the seed and the index. */
  readonly random: () => number
  /** When the record is due: the start's time plus index ÷ rate; without a rate one millisecond a record. Milliseconds since the epoch. */
  readonly time: number
  /** Number of the partition, from 0. */
  readonly partition: number
}

export interface GeneratorOptions {
  /** How many records over all partitions; the source ends after them. Default: it never ends. */
  readonly count?: number
  /** Records per second over all partitions. Default: as fast as the job takes them. */
  readonly perSecond?: number
  /** How many partitions share the indexes; at most that many subtasks generate. Default 1. */
  readonly partitions?: number
  /** Another seed makes other data. Default 1. */
  readonly seed?: number
}

const rules = {
  ...sourceTimeRules,
  // What is made up as fast as it is taken soon lies days ahead of any clock.
  maxClockAhead: optional(sourceTimeRules.maxClockAhead, null),
  generate: fn<(index: number, context: GeneratorContext) => unknown>(),
  value: optional(fitting(isValueFormat, 'a schema or a format'), undefined),
  validate: validationRule,
  count: optional(whole(0, Number.MAX_SAFE_INTEGER), null),
  perSecond: optional(positive(100_000_000), null),
  partitions: optional(whole(1, 1_024), 1),
  seed: optional(whole(0, 0xffff_ffff), 1),
}

/** Records that a function makes, each with its index from 0: `generate` yields them as they are. */
function source<T>(
  options: GeneratorOptions &
    SourceTimeOptions<NoInfer<T>> & {
      readonly generate: (index: number, context: GeneratorContext) => T
      readonly value?: undefined
    },
): SourceDeclaration<T>
/** Records that a function makes as text, and that `value` decodes and validates: what real input would do. */
function source<T>(
  options: GeneratorOptions &
    ValidationOptions &
    SourceTimeOptions<NoInfer<T>> & {
      readonly generate: (index: number, context: GeneratorContext) => string
      readonly value: ValueFormat<T>
    },
): SourceDeclaration<T>
function source(options: object): SourceDeclaration<any> {
  const resolved = resolveOptions('generator.source', options, rules)
  const { count, perSecond, partitions, seed, generate, value, validate } = resolved
  return {
    connector: 'generator',
    bounded: count !== null,
    options: {
      ...sourceTime('generator.source', resolved, count !== null),
      ...validationForm('generator.source', validate, value),
      connector: { count, perSecond, partitions, seed },
    },
    functions: {
      ...(value ? validating(validate, decoding(value)) : {}),
      ...timeFunctions(resolved),
      connector: { generate },
    },
  }
}

/** A source that makes its records up: for demos, tests and benchmarks. Replays exactly from a checkpoint. */
export const generator = { source }
