import type { Key } from '@lightflus/api'
import type { Lookup } from '../connector.ts'
import type { RecordBatch } from '../record.ts'
import { withoutRecords, withValues } from '../record-batch.ts'
import { createFoundReader, type Found } from './async/found-reader.ts'
import { ResultCache, type ResultCacheOptions } from './async/result-cache.ts'
import { statelessOperator, type Operator, type OperatorContext, type Output } from './operator.ts'
import { typeOf, type RecordFailures } from './record-failures.ts'

const nothing: Found = { value: null }

/**
 * Each record with what an outside system holds for its key. The keys of a batch that are not remembered are asked for
 * together, each once, and the batch waits for the answer: so a watermark and a barrier overtake no record, and there is
 * nothing to snapshot. A batch whose keys all are remembered waits for nothing. What was found and cannot be used is not
 * remembered; it fails the records that asked for it.
 */
export function createLookup(context: OperatorContext<'lookup'>, lookup: Lookup): Operator {
  const { operator, failures, host } = context
  const { key: keyOf, combine } = operator.functions
  const options = operator.node.options['cache'] as ResultCacheOptions | null
  const cache = options === null ? undefined : new ResultCache(options, host.clock)
  const read = createFoundReader(operator.functions, failures)
  let isOpen = false

  function processBatch(batch: RecordBatch, output: Output): void | Promise<void> {
    const keys = keysOf(batch, keyOf, failures)
    const found = new Map<Key, Found>()
    const missing = new Set<Key>()
    for (const key of keys) {
      if (key === skip || key === undefined || found.has(key) || missing.has(key)) continue
      const known = cache?.get(key)
      if (known === undefined) missing.add(key)
      else found.set(key, known)
    }
    if (missing.size === 0) return emit(batch, keys, found, output)
    return lookup.find([...missing]).then((payloads) => {
      if (payloads.length !== missing.size) throw new Error(`${payloads.length} answers came for ${missing.size} keys.`)
      let next = 0
      for (const key of missing) {
        const answer = read(payloads[next++])
        found.set(key, answer)
        if ('value' in answer) cache?.set(key, answer.value)
      }
      return emit(batch, keys, found, output)
    })
  }

  function emit(
    batch: RecordBatch,
    keys: readonly Asked[],
    found: ReadonlyMap<Key, Found>,
    output: Output,
  ): void | Promise<void> {
    const results: unknown[] = []
    const skipped: number[] = []
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]
      const answer = key === undefined ? nothing : key === skip ? undefined : found.get(key)!
      if (answer !== undefined && combineInto(results, batch, index, answer)) continue
      skipped.push(index)
    }
    return output.emit(withValues(withoutRecords(batch, skipped), results))
  }

  /** False: the record is to be skipped. */
  function combineInto(results: unknown[], batch: RecordBatch, index: number, answer: Found): boolean {
    if (!('value' in answer)) {
      failures.unusable(answer.code, answer.what, { batch, index }, answer.cause)
      return false
    }
    try {
      results.push(combine(batch.values[index], answer.value))
      return true
    } catch (thrown) {
      failures.threw(thrown, { batch, index })
      return false
    }
  }

  return {
    ...statelessOperator(processBatch),
    open() {
      isOpen = true
      return lookup.open()
    },
    close: () => (isOpen ? lookup.close() : undefined),
  }
}

/** Instead of a key: the record is to be skipped. */
const skip = Symbol('skip')
type Asked = Key | undefined | typeof skip

/** The key of each record; undefined where nothing is asked for. */
function keysOf(batch: RecordBatch, keyOf: (value: unknown) => unknown, failures: RecordFailures): Asked[] {
  return batch.values.map((value, index) => {
    try {
      const key = keyOf(value)
      if (key === null || key === undefined) return undefined
      if (typeof key === 'string' || typeof key === 'boolean') return key
      if (typeof key === 'number' && Number.isFinite(key)) return key
      const what = `the key is ${typeOf(key)}, not text, a number, a boolean or null.`
      failures.unusable('LF_USER_RESULT', what, { batch, index })
    } catch (thrown) {
      failures.threw(thrown, { batch, index })
    }
    return skip
  })
}
