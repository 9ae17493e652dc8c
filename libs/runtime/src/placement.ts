import type { ResolvedConnection } from '@lightflus/engine'
import type { CheckpointStorage } from '@lightflus/storage'

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

const topicPrefixForm = /^[A-Za-z0-9._-]{1,200}$/

/** What is wrong with where a deployment is placed. */
export function placementProblems(
  { parallelism, storage }: { readonly parallelism: number; readonly storage: CheckpointStorage },
  { worker, workers, exchange, topicPrefix }: Placement,
): string[] {
  const problems: string[] = []
  const needs = (isMet: boolean, problem: string) => void (isMet || problems.push(problem))
  needs(
    Number.isInteger(workers) && workers >= 1 && workers <= parallelism,
    `placement.workers must be a whole number from 1 to the number of slots, ${parallelism}; it is ${workers}`,
  )
  needs(
    Number.isInteger(worker) && worker >= 0 && worker < workers,
    `placement.worker must be a whole number from 0 to ${workers - 1}; it is ${worker}`,
  )
  if (workers === 1) return problems
  // Callers that are not checked by types, too.
  const carrier = exchange as ResolvedConnection | undefined
  needs(
    carrier?.kind === 'kafka',
    `placement.exchange must be a connection to Kafka, which carries the records between ${workers} workers`,
  )
  needs(topicPrefixForm.test(topicPrefix), 'placement.topicPrefix must be 1 to 200 letters, digits, dots, _ and -')
  needs(storage.durable, `storage must be a durable one that all ${workers} workers share`)
  return problems
}
