import { ingest, type Json } from '@lightflus/api'
import fc from 'fast-check'
import { z } from 'zod'
import { readIngestBody, type IngestEndpoint } from './ingest-body.ts'
import { shapeProblem, type Shape } from './shape-problem.ts'

const Order = z.object({ id: z.string(), lines: z.array(z.object({ count: z.number() })) })
const endpointOf = (value: z.ZodType) =>
  ingest.source({ endpoint: 'orders', value, bodyBytesMax: 1_024 }).options['connector'] as unknown as IngestEndpoint
const read = (body: string | Uint8Array, contentType: string | undefined, idempotencyKey?: string) =>
  readIngestBody(endpointOf(Order), { contentType, idempotencyKey }, Buffer.from(body)).records.map((each) =>
    Buffer.from(each).toString(),
  )
const good = '{"id":"a","lines":[{"count":1}]}'
const lines = 'application/x-ndjson; charset=utf-8'

test('a body is one record, or one a line', () => {
  expect(read(`\n ${good}\n`, 'application/json')).toEqual([`\n ${good}\n`])
  expect(read(`${good}\r\n\n${good}`, lines)).toEqual([`${good}\r`, good])
})

test.each([
  ['no media type', good, undefined, 'LF_INGEST_MEDIA_TYPE', /must say which/],
  ['another one', good, 'text/csv', 'LF_INGEST_MEDIA_TYPE', /not text\/csv/],
  ['too much', ' '.repeat(1_025), lines, 'LF_INGEST_TOO_LARGE', /takes 1024 bytes.*has 1025/],
  ['nothing', '\n\n', lines, 'LF_INGEST_RECORDS', /there is none/],
  ['no JSON', `${good}\n{"id":`, lines, 'LF_INGEST_RECORDS', /line 2: is not JSON/],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), lines, 'LF_INGEST_RECORDS', /line 1: is not UTF-8/],
  ['a missing field', `\n{"lines":[]}`, lines, 'LF_INGEST_RECORDS', /line 2: id: is missing/],
  [
    'a wrong one',
    '{"id":"a","lines":[{"count":"1"}]}',
    'application/json',
    'LF_INGEST_RECORDS',
    /lines\.0\.count: must be a number, not string/,
  ],
])('%s is refused', (_, body, contentType, code, message) => {
  expect(() => read(body, contentType)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  )
})

test('a key is 1 to 200 characters', () => {
  for (const key of ['', 'x'.repeat(201)]) expect(() => read(good, lines, key)).toThrow(/Idempotency-Key/)
})

// Goal: the receiver refuses nothing that the job would take.
test('whatever a schema takes has its shape', () => {
  const leaf = fc.constantFrom<z.ZodType>(
    z.string(),
    z.number(),
    z.int(),
    z.boolean(),
    z.null(),
    z.enum(['a', 'b']),
    z.literal(1),
    z.coerce.number(),
    z.string().default('x'),
    z.string().catch('x'),
    z.unknown(),
  )
  const { schema } = fc.letrec<{ schema: z.ZodType }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small' },
      leaf,
      tie('schema').map((inner) => inner.optional()),
      tie('schema').map((inner) => inner.nullable()),
      fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((all) => z.union(all)),
      tie('schema').map((inner) => z.array(inner)),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')).map((fields) => z.object(fields)),
    ),
  }))
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Json>('a', 'c', 1, 1.5, true, null, '7'),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value')),
    ),
  }))
  let refused = 0
  fc.assert(
    fc.property(schema, value, (given, json) => {
      const { shape } = endpointOf(given) as { readonly shape?: Shape }
      const problem = shape && shapeProblem(shape, json)
      if (problem) refused += 1
      if (given.safeParse(json).success) expect(problem).toBeUndefined()
    }),
    { numRuns: 3_000 },
  )
  expect(refused).toBeGreaterThan(100)
})
