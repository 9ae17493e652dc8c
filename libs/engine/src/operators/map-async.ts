import type { Key } from '@lightflus/api'
import type { RecordBatch } from '../record.ts'
import { BatchOfCalls } from './async/batch-of-calls.ts'
import type { CallOptions } from './async/pending-calls.ts'
import { PiecewiseResults } from './async/piecewise-results.ts'
import { ResultCache, type ResultCacheOptions } from './async/result-cache.ts'
import { statelessOperator, type Operator, type OperatorContext, type Output } from './operator.ts'
import { messageOf, typeOf } from './record-failures.ts'

interface MapAsyncOptions extends Omit<CallOptions, 'onRetry'> {
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
  const { operator, failures, host, signal, log } = context
  const { fn, cacheKey } = operator.functions
  const options = operator.node.options as unknown as MapAsyncOptions
  const cache = options.cache === null ? undefined : new ResultCache(options.cache, host.clock)

  let retried = 0
  const perCall: CallOptions = {
    ...options,
    onRetry(thrown) {
      retried++
      // A line per power of ten shows what is wrong and never floods the log.
      if (/^10*$/.test(String(retried)))
        log('warn', `${retried} calls tried again so far, this one because: ${messageOf(thrown)}`)
    },
  }

  return statelessOperator((batch, output) => {
    const results = new PiecewiseResults(batch, options.ordered)
    const calls = cacheKey === undefined ? eachRecord(batch) : eachKey(batch, cacheKey, results)
    if (calls.length > 0) return callsOf(calls, batch, results, output).run()
    const all = results.take()
    if (all) return output.emit(all)
  })

  function callsOf(calls: readonly Call[], batch: RecordBatch, results: PiecewiseResults, output: Output) {
    return new BatchOfCalls<Call>({
      ...{ calls, results, output, host, signal, concurrency: options.concurrency, perCall },
      make: ({ value }, aborted) => fn(value, { signal: aborted }),
      settled({ key, indices }, value) {
        if (key !== undefined) cache!.set(key, value)
        for (const index of indices) results.settle(index, value)
      },
      rejected({ indices }, thrown) {
        for (const index of indices) {
          failures.threw(thrown, { batch, index })
          results.skip(index)
        }
      },
    })
  }

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
}
