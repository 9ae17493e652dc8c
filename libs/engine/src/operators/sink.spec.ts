import type { RejectedRecord, SinkWriter } from '../connector.ts'
import { makeOperator } from '../testing/operator-table.ts'
import { createSink } from './sink.ts'

/** A writer that rejects negative numbers and counts a byte for each value. */
function makeSink(onError: 'fail' | 'skip', naming: 'record' | 'nothing' = 'record') {
  const calls: string[] = []
  let written = 0
  let reject: (thrown: unknown, record?: RejectedRecord) => void
  const writer: SinkWriter = {
    async open() {
      calls.push('open')
    },
    write(values) {
      values.forEach((value, index) => {
        if ((value as number) >= 0) written++
        else reject(new Error('negative'), naming === 'record' ? { index } : undefined)
      })
      calls.push(`write ${values.join(' ')}`)
    },
    async flush() {
      calls.push('flush')
    },
    bytesWritten: () => written,
    async close() {
      calls.push('close')
    },
  }
  const made = makeOperator({
    kind: 'sink',
    functions: {},
    onError,
    create: (context) =>
      createSink(context, (rejectRecord) => {
        reject = rejectRecord
        return writer
      }),
  })
  return { ...made, calls }
}

const batchOf = (...values: number[]) => ({
  values,
  timestamps: values.map(() => 0),
  origin: { partition: 'p', positions: values.map((_, i) => i) },
})
const nowhere = { emit() {}, emitSide() {} }

test('everything is written, flushed at barriers and at the end, and closed', async () => {
  const { operator, metrics, calls } = makeSink('fail')
  await operator.open()
  await operator.processBatch(batchOf(1, 2), nowhere, 0)
  await operator.flush(1)
  await operator.processBatch(batchOf(3), nowhere, 0)
  await operator.endInput(nowhere)
  await operator.flush(2)
  await operator.close()
  expect(calls).toEqual(['open', 'write 1 2', 'flush', 'write 3', 'flush', 'close'])
  expect(metrics).toMatchObject({ recordsOut: 3, bytesOut: 3 })
  expect(operator.snapshot()).toBeUndefined()
})

test('a writer that was never opened is not closed', async () => {
  const { operator, calls } = makeSink('fail')
  await operator.close()
  expect(calls).toEqual([])
})

test('a record that cannot be written is named, or skipped and not counted as written', async () => {
  expect(() => makeSink('fail').operator.processBatch(batchOf(1, -2), nowhere, 0)).toThrow(
    'Job test, operator sink-1, record p@1: negative',
  )
  expect(() => makeSink('fail', 'nothing').operator.processBatch(batchOf(1, -2), nowhere, 0)).toThrow(
    'Job test, operator sink-1: negative',
  )
  const { operator, metrics } = makeSink('skip')
  await operator.processBatch(batchOf(1, -2, 3, -4), nowhere, 0)
  expect(metrics).toMatchObject({ recordsOut: 2, recordsSkipped: 2, bytesOut: 2 })
})
