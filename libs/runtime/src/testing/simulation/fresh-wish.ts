import type { ChosenCheckpoint } from '@lightflus/storage'

/** Somebody wants the job to start afresh, or from a checkpoint that is not the newest. */
export interface FreshWish {
  readonly id: string
  readonly from?: ChosenCheckpoint
}
