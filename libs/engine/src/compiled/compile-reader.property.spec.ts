import type { OnError, SourceFunctions } from '@lightflus/api'
import fc from 'fast-check'
import { isLightflusError } from '@lightflus/api'
import { project, type Demand } from '../field-use/demand.ts'
import { createRecordFailures } from '../operators/record-failures.ts'
import { createRecordDecoder } from '../operators/source/record-decoder.ts'
import { createJsonScanner } from '../scan/json-scanner.ts'
import type { ScanDemand } from '../scan/scan-types.ts'
import { createOperatorMetrics } from '../subtask/metrics.ts'
import { pack } from '../testing/pack.ts'
import { compileReader } from './compile-reader.ts'

// Goal: a source's generated loop and the plain decoder make the same records and errors of the same payloads, whatever the
// program's functions do; with a scanner, of each record what is wanted of it.

interface Given {
  readonly at?: unknown
  readonly nested?: { readonly n?: unknown }
}

const decoder = new TextDecoder('utf-8', { fatal: true })
const functions: Readonly<Record<string, SourceFunctions>> = {
  json: { decode: (payload: Uint8Array) => JSON.parse(decoder.decode(payload)) as unknown, format: 'json' },
  none: {},
}
const schemas: Readonly<Record<string, SourceFunctions['schema']>> = {
  none: undefined,
  'refuses and changes': {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) =>
        (value as Given)?.at === 3
          ? { issues: [{ message: 'no 3', path: ['at'] }] }
          : { value: { ...(value as object), seen: true } },
    },
  },
  'throws at 4': {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        if ((value as Given)?.at === 4) throw new Error('4')
        return { value }
      },
    },
  },
}
const times: Readonly<Record<string, SourceFunctions['eventTime']>> = {
  none: undefined,
  at: (value: Given) => value.at as number,
  'nested n, or 7': (value: Given) => (value.nested?.n as number | undefined) ?? 7,
}

const anyText = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record(
        {
          at: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('text', null, 1e300, 1.5, NaN)),
          nested: fc.oneof(fc.record({ n: fc.nat(9) }), fc.constantFrom(null, 'text', [1])),
          other: fc.string(),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  },
  fc.constantFrom(' {"at" : 1} ', '{"at":', 'null', '[]', '"é"', '', '{"at":1,"at":2}', '{"\\u0061t":5}'),
)

const demandOf = (fields: Readonly<Record<string, Demand>>): Demand => ({
  whole: false,
  text: false,
  fields: new Map(Object.entries(fields)),
})
const whole: Demand = { whole: true, text: false, fields: new Map() }
const demand = demandOf({ at: whole, nested: demandOf({ n: whole }) })
const scanDemandOf = (wanted: Demand): ScanDemand => ({
  demand: wanted,
  fields: new Map([...wanted.fields].map(([name, each]) => [name, scanDemandOf(each)])),
})
const scanner = createJsonScanner(scanDemandOf(demand), { title: 'a test', host: {} })!

function outcome(onError: OnError, read: (failures: ReturnType<typeof createRecordFailures>) => unknown) {
  const metrics = createOperatorMetrics('in')
  const log: string[] = []
  const report = (_: string, message: string) => void log.push(message)
  try {
    const made = read(createRecordFailures({ job: 'j', operator: 'in', onError, metrics, log: report }))
    return { made, log, skipped: metrics.recordsSkipped }
  } catch (thrown) {
    if (!isLightflusError(thrown)) throw thrown
    return { code: thrown.code, message: thrown.message }
  }
}

test.each([true, false])('scanned: %p: what the plain decoder makes', (isScanning) => {
  fc.assert(
    fc.property(
      fc.record({
        texts: fc.array(fc.option(anyText, { freq: 12 }), { minLength: 1, maxLength: 6 }),
        schema: isScanning ? fc.constant('none') : fc.constantFrom(...Object.keys(schemas)),
        time: fc.constantFrom(...Object.keys(times)),
        decodes: isScanning ? fc.constant('json') : fc.constantFrom(...Object.keys(functions)),
        isPacked: fc.boolean(),
        hasTimes: fc.boolean(),
        onError: fc.constantFrom<OnError>('skip', 'skip', 'fail'),
      }),
      ({ texts, schema, time, decodes, isPacked, hasTimes, onError }) => {
        const own: SourceFunctions = {
          ...functions[decodes],
          ...(schemas[schema] && { schema: schemas[schema] }),
          ...(times[time] && { eventTime: times[time] }),
        }
        const read = {
          partition: 'p/0',
          payloads: isPacked ? pack(texts) : texts.map((text) => text && new TextEncoder().encode(text)),
          positions: texts.map((_, index) => index + 10),
          ...(hasTimes && { timestamps: texts.map((_, index) => index * 1_000) }),
          bytes: 0,
        }
        const plain = outcome(onError, (failures) => {
          const { batch, newest } = createRecordDecoder(own, failures)(read)
          const isProjected = isScanning && isPacked
          return {
            ...batch,
            values: batch.values.map((value) => (isProjected ? project(value, demand) : value)),
            newest,
          }
        })
        const generated = outcome(onError, (failures) => {
          const options = { functions: own, failures, title: 'a test', onPlain() {} }
          const reader = compileReader({ ...options, scanner: isScanning ? scanner : undefined })!
          const { batch, newest, next } = reader(read, 0)
          expect(next).toBe(texts.length)
          const { scanned, ...rest } = batch
          expect(scanned?.rows.length).toBe(isScanning && isPacked ? batch.values.length : undefined)
          // Records that the scanner left are whole.
          return { ...rest, values: batch.values.map((value) => (scanned ? project(value, demand) : value)), newest }
        })
        expect(generated).toEqual(plain)
      },
    ),
    { numRuns: 1_000 },
  )
})
