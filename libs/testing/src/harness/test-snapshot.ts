import type { SubtaskSnapshot } from '@lightflus/engine'

/**
 * All that a tested job remembers. It is data that structured clone can copy (`v8.serialize` and `v8.deserialize` keep it
 * in a file), and holds for the same operators only.
 */
export interface TestSnapshot {
  readonly job: string
  /** Where the clock stood, milliseconds since the epoch. */
  readonly now: number
  /** Sources that had ended. */
  readonly ended: readonly string[]
  readonly checkpoint: number
  readonly subtasks: readonly SubtaskSnapshot[]
}
