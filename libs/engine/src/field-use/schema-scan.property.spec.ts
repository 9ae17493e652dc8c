import { isLightflusError, kafka, type StandardSchema, type Validation } from '@lightflus/api'
import fc from 'fast-check'
import { z } from 'zod'
import { compileReader } from '../compiled/compile-reader.ts'
import { everything, project, union, at, type Demand } from './demand.ts'
import { createRecordDecoder } from '../operators/source/record-decoder.ts'
import { createRecordFailures } from '../operators/record-failures.ts'
import { pack } from '../testing/pack.ts'
import { createOperatorMetrics } from '../subtask/metrics.ts'
import { createJsonScanner } from '../scan/json-scanner.ts'
import type { JsonScanner } from '../scan/scan-types.ts'
import { scanDemandOf, withFiniteNumbers } from './scan-demand.ts'
import { structureOf } from './structure.ts'

// Goal: a source whose schema is known to the scan makes and refuses what one does that decodes and validates each record.

const schemas: Readonly<Record<string, z.ZodType>> = {
  'structure only': z.object({
    id: z.string(),
    n: z.number(),
    inner: z.object({ x: z.boolean(), y: z.unknown().optional() }).nullable(),
    maybe: z.string().nullish(),
  }),
  'checks values': z.object({ id: z.string().max(2), n: z.number(), inner: z.unknown(), maybe: z.unknown() }),
  'changes values': z.object({ id: z.string().transform((id) => `${id}!`), n: z.coerce.number(), inner: z.unknown() }),
  'is strict': z.strictObject({ id: z.string(), n: z.number(), inner: z.any(), maybe: z.any() }),
}

const demands: Readonly<Record<string, Demand>> = {
  everything,
  'one field': at(['id'], everything),
  'a field of a field': union(at(['inner', 'x'], everything), at(['n'], everything)),
  'what the schema drops': union(at(['other'], everything), at(['inner'], everything)),
}

const anyText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record(
        {
          id: fc.oneof({ weight: 5, arbitrary: fc.string({ maxLength: 3 }) }, fc.constant(1)),
          n: fc.oneof({ weight: 5, arbitrary: fc.double({ noNaN: true }) }, fc.constantFrom('1', null)),
          inner: fc.oneof(
            fc.constantFrom(null, { x: true }, { x: false, y: [1] }, { x: 1 }, {}, 'x', []),
            fc.record({ x: fc.boolean(), y: fc.anything({ maxDepth: 1, withNullPrototype: false }) }),
          ),
          maybe: fc.constantFrom('text', null, 1),
          other: fc.nat(),
        },
        { requiredKeys: ['n', 'id', 'inner'] },
      )
      .map((record) => JSON.stringify(record)),
  },
  fc.constantFrom('{"id":"a","n":1e999,"inner":null}', '{"inner":null,"n":1,"id":"a","id":2}', '[]', '{', 'null'),
)

interface Read {
  readonly values: readonly unknown[]
  readonly positions: readonly (string | number)[]
}

function outcome(read: (failures: ReturnType<typeof createRecordFailures>) => Read, onError: 'fail' | 'skip') {
  const metrics = createOperatorMetrics('in')
  const log: string[] = []
  const report = (_level: string, message: string) => void log.push(message)
  try {
    const { values, positions } = read(
      createRecordFailures({ job: 'j', operator: 'in', onError, metrics, log: report }),
    )
    return { values, positions, log, skipped: metrics.recordsSkipped }
  } catch (thrown) {
    if (!isLightflusError(thrown)) throw thrown
    return { code: thrown.code, message: thrown.message }
  }
}

/** Fields in their order; where not all is wanted, one that is undefined says the same as one that is missing. */
const shown = (value: unknown, isWhole: boolean) =>
  JSON.stringify(value, (_name, each: unknown) => (each === undefined && isWhole ? '<undefined>' : each))

function scannerOf(
  schema: StandardSchema | undefined,
  demand: Demand,
  checks: 'all' | 'used',
): JsonScanner | undefined {
  const structure = schema && structureOf(schema)
  if (schema !== undefined && structure === undefined) return undefined
  const wanted = scanDemandOf(demand, structure, checks)
  const scanner = wanted.demand.whole ? undefined : createJsonScanner(wanted, { title: 'test', host: {} })
  return scanner && structure ? withFiniteNumbers(scanner, structure) : scanner
}

let scanned = 0
const cases = Object.keys(schemas).flatMap((schema) => Object.keys(demands).map((demand) => [schema, demand] as const))

test.each(cases)('a schema that %s, of which is wanted: %s', (schemaName, demandName) => {
  const demand = demands[demandName]
  fc.assert(
    fc.property(
      fc.array(anyText, { minLength: 1, maxLength: 8 }),
      fc.constantFrom<Validation>('all', 'off'),
      fc.constantFrom('fail', 'skip'),
      (texts, validate, onError) => {
        const value = schemas[schemaName] as StandardSchema
        const { functions } = kafka.source({ connection: 'c', topic: 't', value, validate })
        const payloads = pack(texts)
        const read = { partition: 'p', payloads, positions: texts.map((_, index) => index), bytes: 0 }
        const seen = ({
          values,
          origin,
        }: {
          values: readonly unknown[]
          origin?: { positions: Read['positions'] }
        }) => ({
          values: values.map((value) => shown(project(value, demand), demand.whole)),
          positions: origin!.positions,
        })
        const plain = outcome((failures) => seen(createRecordDecoder(functions, failures)(read).batch), onError)
        const scanner = scannerOf(functions.schema, demand, 'all')
        const fast = outcome((failures) => {
          const options = { functions, failures, title: 'test', scanner, onPlain() {} }
          const { batch } = compileReader(options)!(read, 0)
          scanned += batch.scanned?.rows.filter((row) => row !== -1).length ?? 0
          return seen(batch)
        }, onError)
        expect(fast).toEqual(plain)
      },
    ),
    { numRuns: 100 },
  )
})

test('many were scanned', () => expect(scanned).toBeGreaterThan(500))

test('what only has to be valid where it is used may be wrong elsewhere', () => {
  const scanner = scannerOf(schemas['structure only'] as StandardSchema, at(['id'], everything), 'used')!
  scanner.scan(pack(['{"id":"a"}', '{"id":1}', '{"id":"a","n":"no","inner":[]}']), 0, 3)
  expect([...scanner.columns.scanned.subarray(0, 3)]).toEqual([1, 0, 1])
})
