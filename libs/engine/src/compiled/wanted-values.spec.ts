import { isLightflusError, type SourceFunctions } from '@lightflus/api'
import fc from 'fast-check'
import type { SourceBatch } from '../connector.ts'
import { createRecordFailures } from '../operators/record-failures.ts'
import { createRecordDecoder } from '../operators/source/record-decoder.ts'
import { createOperatorMetrics } from '../subtask/metrics.ts'
import { compileReader } from './compile-reader.ts'

// Goal: values that a connector made as they are wanted are not shown to the schema, in generated code as in the plain one,
// and other batches of the same reader are.

const functions: SourceFunctions = {
  schema: {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        (value as { readonly at?: unknown }).at === 2
          ? { issues: [{ message: 'no 2' }] }
          : { value: { ...(value as object), seen: true } },
    },
  },
  eventTime: ({ at }: { readonly at: number }) => {
    if (at === 3) throw new Error('3')
    return at
  },
}

const aBatch: fc.Arbitrary<SourceBatch> = fc
  .record({ isWanted: fc.boolean(), ats: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 20 }) })
  .map(({ isWanted, ats }) => ({
    ...{ partition: 'p', payloads: ats.map((at) => ({ at })), positions: ats.map((_, at) => at), bytes: 1 },
    ...(isWanted && { isWanted }),
  }))

function failuresOf(onError: 'fail' | 'skip') {
  const metrics = createOperatorMetrics('source')
  const log: string[] = []
  const failures = createRecordFailures({
    ...{ job: 'test', operator: 'source', onError, metrics },
    log: (_, message) => void log.push(message),
  })
  return { failures, metrics, log }
}

function outcome(run: () => unknown): unknown {
  try {
    return run()
  } catch (thrown) {
    return isLightflusError(thrown) ? [thrown.code, thrown.message] : thrown
  }
}

it('takes values that are made as they are wanted as they are', () => {
  fc.assert(
    fc.property(
      fc.array(aBatch, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('fail', 'skip'),
      (batches, onError) => {
        const [one, other] = [failuresOf(onError), failuresOf(onError)]
        const decode = createRecordDecoder(functions, one.failures)
        const read = compileReader({
          ...{ functions, failures: other.failures, title: 'test', scanner: undefined, onPlain: () => undefined },
        })!
        for (const batch of batches) {
          const plain = outcome(() => decode(batch))
          const generated = outcome(() => {
            const { batch: made, newest } = read(batch, 0)
            return { batch: made, newest }
          })
          expect(generated).toEqual(plain)
          if (batch.isWanted && onError === 'skip') {
            const expected = (batch.payloads as { at: number }[]).filter(({ at }) => at !== 3)
            expect((plain as ReturnType<typeof decode>).batch.values).toEqual(expected)
          }
        }
        expect(other.metrics).toEqual(one.metrics)
        expect(other.log).toEqual(one.log)
      },
    ),
  )
})
