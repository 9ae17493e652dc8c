/** What one trigger remembers of each window; only what structured clone can copy. */
export interface TriggerSlot {
  /** In words that a checkpoint keeps. */
  readonly shape: string
  create(): unknown
  /** What is remembered of two windows that become one: `into`'s, changed or not. */
  merge(into: unknown, from: unknown): unknown
}
