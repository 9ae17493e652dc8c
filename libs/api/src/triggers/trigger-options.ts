import type { TriggerSpec } from './custom.ts'

/** A trigger as the graph shows it. */
export type TriggerOptions =
  | {
      readonly kind: 'eventTime'
      /** What decides until the window's time has reached its end; null: nothing. */
      readonly early: TriggerOptions | null
      /** What decides thereafter; null: each late record. */
      readonly late: TriggerOptions | null
    }
  | { readonly kind: 'processingTime' }
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'any' | 'all' | 'sequence'; readonly triggers: readonly TriggerOptions[] }
  | { readonly kind: 'purging'; readonly trigger: TriggerOptions }
  /** One that the program made: `id` names its functions among those of the operator. */
  | { readonly kind: 'custom'; readonly id: string }

/** When results of windows of `T` come out: made by `trigger`. */
export type Trigger<T> =
  | Exclude<TriggerOptions, { readonly kind: 'any' | 'all' | 'sequence' | 'purging' | 'custom' }>
  | { readonly kind: 'any' | 'all' | 'sequence'; readonly triggers: readonly Trigger<T>[] }
  | { readonly kind: 'purging'; readonly trigger: Trigger<T> }
  | { readonly kind: 'custom'; readonly functions: TriggerSpec<T, any> }

/** Made by `early`: results before the window's end is reached, beside the one on time. */
export interface EarlyTrigger {
  readonly phase: 'early'
  readonly trigger: TriggerOptions
}

/** Made by `late`: when late records bring a further result. */
export interface LateTrigger {
  readonly phase: 'late'
  readonly trigger: TriggerOptions
}
