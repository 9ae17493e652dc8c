import type { ResolvedConnection } from '@lightflus/engine'

/**
 * The part of a deployment that this process, one of its workers, holds. Every worker of a deployment is given the same
 * options but for `worker`. Slot i of P lies in worker floor(i × workers / P): each holds a contiguous share.
 */
export interface Placement {
  /** Number of this worker, 0 to workers - 1; worker 0 hosts the coordinator. */
  readonly worker: number
  /** Number of workers, 1 or more, and no more than there are slots. */
  readonly workers: number
  /** The Kafka that carries records and control between the workers. */
  readonly exchange: ResolvedConnection
  /**
   * Start of the names of its topics there: another for each deployment (tenant, job, deployment), of letters, digits, dots,
   * underscores and hyphens, at most 200 of them.
   */
  readonly topicPrefix: string
}

/** A worker other than the first, which runs its share of slots for whichever attempt the coordinator starts. */
export interface PeerHandle {
  /** Resolves once the deployment has come to its end and every thread has ended; rejects where it cannot take part. */
  readonly done: Promise<void>
  /** Ends the worker's slots, and with them the coordinator's attempt. Resolves once every thread has ended. */
  leave(): Promise<void>
}

/** The worker that holds a slot. */
export function workerOfSlot(slot: number, parallelism: number, workers: number): number {
  return Math.floor((slot * workers) / parallelism)
}
