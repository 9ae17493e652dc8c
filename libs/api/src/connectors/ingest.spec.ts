import { z } from 'zod'
import { ingest, json, text } from '../index.ts'

const shapeOf = (value: z.ZodType) =>
  (ingest.source({ endpoint: 'orders', value }).options['connector'] as { readonly shape?: unknown }).shape

test('what a schema surely asks of a record is in the graph', () => {
  const Order = z.object({
    id: z.string(),
    amount: z.number().min(0),
    paid: z.boolean().optional(),
    kind: z.enum(['new', 'old']),
    note: z.string().nullable(),
    items: z.array(z.object({ count: z.int() })),
    size: z.union([z.literal('s'), z.number()]),
  })
  expect(shapeOf(Order)).toEqual({
    type: 'object',
    required: ['id', 'amount', 'kind', 'note', 'items', 'size'],
    properties: {
      id: { type: 'string' },
      amount: { type: 'number' },
      paid: { type: 'boolean' },
      kind: { enum: ['new', 'old'] },
      note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      items: {
        type: 'array',
        items: { type: 'object', required: ['count'], properties: { count: { type: 'number' } } },
      },
      size: { anyOf: [{ enum: ['s'] }, { type: 'number' }] },
    },
  })
})

// Goal: nothing is refused that the schema would have taken.
test('nothing is asked where a schema may take more than it says', () => {
  const lenient = {
    coerced: z.coerce.number(),
    caught: z.string().catch(''),
    given: z.number().default(1),
    piped: z.preprocess(String, z.string()),
    either: z.union([z.string(), z.coerce.date()]),
    lazy: z.lazy(() => z.string()),
  }
  expect(shapeOf(z.object(lenient))).toEqual({ type: 'object', required: [], properties: {} })
  expect(shapeOf(z.object({}).catch({}))).toBeUndefined()
  const off = ingest.source({ endpoint: 'orders', value: z.object({ id: z.string() }), validate: 'off' })
  expect(off.options).not.toHaveProperty('connector.shape')
})

test('options that make no sense are refused', () => {
  const refused = (options: object) =>
    expect(() => ingest.source({ endpoint: 'o', value: json(), ...options } as never))
  refused({ endpoint: 'Orders/new' }).toThrow(/endpoint/)
  refused({ value: text() }).toThrow(/must be a schema, or json\(\)/)
  refused({ bodyBytesMax: 4 * 2 ** 20, bytesMax: 64 * 2 ** 20 }).toThrow(/at least 64 times/)
  refused({}).not.toThrow()
})
