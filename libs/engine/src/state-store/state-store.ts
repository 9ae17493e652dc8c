import type { Key } from '@lightflus/api'
import type { RestoredSegment, StateSegment } from '../checkpoint/state-segment.ts'

/** What a store holds, and what it takes in memory for it. */
export interface StoredSize {
  readonly entries: number
  readonly memoryBytes: number
  /** What is garbage included. */
  readonly diskBytes: number
}

/** What of a store belongs to a checkpoint. */
export interface StoredSnapshot {
  readonly segments: readonly StateSegment[]
  /** To be called once: see `OperatorSnapshot.releaseSegments`. */
  readonly release: () => void
}

/** A copy of what was put. */
export interface StoredState {
  readonly state: unknown
  /** About what it takes in memory. */
  readonly bytes: number
}

/**
 * Where one operator of one subtask lays state of keys that it is not at: beyond memory, on the slot's disk. Calls block, as
 * a function of the program reads its state without waiting. What any of them throws ends the attempt: LF_STATE_DISK where
 * the disk fails, LF_STATE_UNSUPPORTED where no checkpoint could hold what is put.
 */
export interface StateStore {
  /** Undefined: there is nothing of that key. */
  get(key: Key): StoredState | undefined
  /**
   * In the place of what was there. What is as it was is not written again.
   * @param state what structured clone can copy
   * @param expiresAt when nobody asks for it any more, milliseconds of the host's clock; Infinity: never
   */
  put(key: Key, state: unknown, expiresAt: number): void
  delete(key: Key): void
  /** All that have something. */
  keys(): readonly Key[]
  readonly size: StoredSize
  /** All that is there now: what is put and deleted later changes nothing of it. */
  snapshot(): StoredSnapshot
  /** Called at most once, before all else. */
  restore(segments: readonly RestoredSegment[]): void
  /** Makes room on the disk, a little at a time. To be called between records. */
  tidy(now: number): void
  /** Nothing is called any more but what lets go of snapshots: the files of these stay until then. */
  close(): void
}

/** Of whom a store is. */
export interface StoreOwner {
  readonly operator: string
  readonly subtask: number
  readonly attempt: number
}
