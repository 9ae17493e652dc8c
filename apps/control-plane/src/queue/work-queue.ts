/** The token under which the one work queue of a control plane is injected. */
export const WORK_QUEUE = Symbol('WorkQueue')

export const queueNames = ['deployments', 'checkpoints', 'metering', 'maintenance'] as const
export type QueueName = (typeof queueNames)[number]

/** Handles one key: looks at what Postgres says about it and brings things nearer to it. Runs at least once per wake. */
export type WakeHandler = (key: string) => Promise<void>

export interface ConsumeOptions {
  /** Keys handled at the same time in this process; at least 1. */
  readonly concurrency: number
}

/**
 * Wakes handlers; it carries no state. All that a handler needs to know stands in Postgres under the key, so a lost,
 * repeated or reordered wake-up is harmless and losing the whole queue loses nothing: the reconciler's periodic pass
 * finds what was missed. Two drivers: in this process, and BullMQ on Redis; one contract suite holds for both.
 *
 * Clauses, asserted by the contract suite:
 * 1. After `wake(queue, key)` resolves, the handler of the queue starts for that key at a later moment: a wake-up that
 *    comes while the handler works on the same key makes it run once more afterwards, never in parallel.
 * 2. Wake-ups of one key that wait are merged into one. A sooner one wins over a delayed one.
 * 3. A handler that throws is called again after a delay that grows from {@link retryDelayMs} by a factor of two to
 *    {@link retryDelayMsMax}, {@link retriesMax} times; then the wake-up is forgotten. The error is reported to
 *    `onError`, never thrown elsewhere.
 * 4. `every` wakes the key at once and then each `intervalMs`; the same (queue, key) again replaces the interval, also
 *    when another control plane set it. One wake-up per interval, however many control planes there are.
 * 5. `close` stops taking keys, waits for the handlers at work, and leaves what waits to others (or to the next
 *    start's periodic pass).
 *
 * A key is at most 200 characters of letters, digits, `-` and `/`.
 */
export interface WorkQueue {
  readonly kind: 'in-process' | 'bullmq'
  wake(queue: QueueName, key: string, options?: { readonly delayMs?: number }): Promise<void>
  every(queue: QueueName, key: string, intervalMs: number): Promise<void>
  /** One handler per queue and process; a second call for the same queue throws. */
  consume(queue: QueueName, handler: WakeHandler, options: ConsumeOptions): void
  /** Rejects with LF_QUEUE_UNREACHABLE when wake-ups cannot be taken or given just now. For `/readyz`. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** What a driver is given to tell of a handler that threw. */
export type WakeErrorListener = (queue: QueueName, key: string, error: unknown) => void

export const retryDelayMs = 1_000
export const retryDelayMsMax = 60_000
export const retriesMax = 10
