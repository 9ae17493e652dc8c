import type { Key } from '@lightflus/api'
import type { RecordBatch } from '../record.ts'
import { PendingCalls, type CallOptions } from './async/pending-calls.ts'
import { PiecewiseResults } from './async/piecewise-results.ts'
import { ResultCache, type ResultCacheOptions } from './async/result-cache.ts'
import { statelessOperator, type Operator, type OperatorContext, type Output } from './operator.ts'
import { typeOf } from './record-failures.ts'

interface MapAsyncOptions extends CallOptions {
  readonly concurrency: number
  readonly ordered: boolean
  readonly cache: ResultCacheOptions | null
}

/** One call, and the records of the batch that wait for it: several where they have one key of the cache. */
interface Call {
  readonly key: Key | undefined
  readonly value: unknown
  readonly indices: number[]
}

/**
 * One record for each record: what the function's promise settles with, with the event time of what it was made from.
 * Up to `concurrency` calls are under way at once. They never outlive their batch, which is done when all of its records
 * are: so neither a watermark nor a barrier overtakes a record, and there is nothing to snapshot. What the cache
 * remembers is in no snapshot either. A batch whose results all are remembered waits for nothing.
 */
export function createMapAsync(context: OperatorContext<'mapAsync'>): Operator {
  const { operator, failures, host, signal } = context
  const { fn, cacheKey } = operator.functions
  const options = operator.node.options as unknown as MapAsyncOptions
  const cache = options.cache === null ? undefined : new ResultCache(options.cache, host.clock)

  return statelessOperator((batch, output) => {
    const results = new PiecewiseResults(batch, options.ordered)
    const calls = cacheKey === undefined ? eachRecord(batch) : eachKey(batch, cacheKey, results)
    if (calls.length > 0) return perform(calls, batch, results, output)
    const all = results.take()
    if (all) return output.emit(all)
  })

  function eachRecord({ values }: RecordBatch): Call[] {
    return values.map((value, index) => ({ key: undefined, value, indices: [index] }))
  }

  /** Settles what is remembered, and gives what has to be asked for: each key once. */
  function eachKey(batch: RecordBatch, keyOf: (value: unknown) => unknown, results: PiecewiseResults): Call[] {
    const { values } = batch
    const calls = new Map<Key, Call>()
    for (let index = 0; index < values.length; index++) {
      const key = usableKey(batch, index, keyOf)
      if (key === undefined) {
        results.skip(index)
        continue
      }
      const call = calls.get(key)
      const known = call === undefined ? cache!.get(key) : undefined
      if (call !== undefined) call.indices.push(index)
      else if (known !== undefined) results.settle(index, known.value)
      else calls.set(key, { key, value: values[index], indices: [index] })
    }
    return [...calls.values()]
  }

  /** Undefined: the record is to be skipped. */
  function usableKey(batch: RecordBatch, index: number, keyOf: (value: unknown) => unknown): Key | undefined {
    try {
      const key = keyOf(batch.values[index])
      if (typeof key === 'string' || (typeof key === 'number' && !Number.isNaN(key))) return key
      const what = `the key of the cache is ${typeOf(key)}, not text or a number.`
      failures.unusable('LF_USER_RESULT', what, { batch, index })
    } catch (thrown) {
      failures.threw(thrown, { batch, index })
    }
    return undefined
  }

  /** Resolves when every call has settled and every result was emitted. Whatever ends it, ends all calls. */
  async function perform(
    calls: readonly Call[],
    batch: RecordBatch,
    results: PiecewiseResults,
    output: Output,
  ): Promise<void> {
    const pending = new PendingCalls(host, options)
    let failed: { readonly error: unknown } | undefined
    let next = 0
    let raise = () => {}

    function settle({ key, indices }: Call, value: unknown): void {
      if (key !== undefined) cache!.set(key, value)
      for (const index of indices) results.settle(index, value)
    }

    /** Throws what ends the batch. */
    function reject({ indices }: Call, thrown: unknown): void {
      // Calls that were ended with the batch have not failed.
      if (failed !== undefined) return
      for (const index of indices) {
        failures.threw(thrown, { batch, index })
        results.skip(index)
      }
    }

    /** Makes calls one after the other; as many of these run as may be under way. */
    async function work(): Promise<void> {
      while (next < calls.length && failed === undefined) {
        const call = calls[next++]
        try {
          await pending
            .run((aborted) => fn(call.value, { signal: aborted }))
            .then(
              (value) => settle(call, value),
              (thrown: unknown) => reject(call, thrown),
            )
        } catch (error) {
          failed ??= { error }
        }
        raise()
      }
    }

    const abort = () => {
      failed ??= { error: signal.reason as unknown }
      pending.end(failed.error)
      raise()
    }
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    for (let workers = Math.min(options.concurrency, calls.length); workers > 0; workers--) void work()
    try {
      for (;;) {
        if (failed !== undefined) throw failed.error
        const piece = results.take()
        if (piece !== undefined) await output.emit(piece)
        else if (results.isComplete) return
        else await new Promise<void>((resolve) => (raise = resolve))
      }
    } finally {
      signal.removeEventListener('abort', abort)
      failed ??= { error: new Error('The batch is done.') }
      pending.end(failed.error)
    }
  }
}
