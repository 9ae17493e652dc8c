import { files, generator, job, json, kafka, table, type Flow, type SourceDeclaration } from '@lightflus/api'
import { z } from 'zod'
import { sourceDecodings } from './source-decoding.ts'

// Goal: whoever asks what is decoded of a record is told the fields, or where it is that the whole record is wanted.

interface Order {
  readonly id: string
  readonly at: number
  readonly address: { readonly city: string; readonly street: string } | null
  readonly lines: readonly object[]
}

const some = ({ id, address }: Order) => ({ id, city: address?.city, isKnown: address !== null })
const topic = { connection: 'shop', topic: 'orders', eventTime: (order: Order) => order.at } as const

const decoded = (source: SourceDeclaration<Order>, row: (order: Order) => object = some) =>
  sourceDecodings(
    job('told', (flow: Flow) => {
      flow
        .source(source, { name: 'orders' })
        .map(row, { name: 'rows' })
        .sinkTo(table.sink({ row: (each) => ({ ...each }) }), { name: 'shown' })
    }).build(),
  )

test('fields by their paths', () => {
  const [told] = decoded(kafka.source({ ...topic, value: json<Order>() }))
  expect(told).toEqual({ source: 'orders', fields: ['address.city', 'at', 'id'], wholes: [] })
})

test('a whole record, or a whole object in it, with who wants it and where', () => {
  const source = kafka.source({ ...topic, value: json<Order>() })
  expect(decoded(source, (order) => ({ ...order }))).toEqual([
    { source: 'orders', fields: null, wholes: [{ path: '', operator: 'rows', reason: 'order: spread' }] },
  ])
  const [told] = decoded(source, ({ address }) => address!)
  expect(told).toEqual({
    source: 'orders',
    fields: ['address', 'at'],
    wholes: [{ path: 'address', operator: 'shown', reason: 'each: spread' }],
  })
})

test('what a schema or a watermark makes of it', () => {
  const Order = z.object({ id: z.string(), at: z.number(), address: z.unknown(), lines: z.unknown() })
  const value = Order as unknown as z.ZodType<Order>
  expect(decoded(kafka.source({ ...topic, value }))[0]!.fields).toEqual(['address.city', 'at', 'id'])
  const checked = Order.refine(() => true) as unknown as z.ZodType<Order>
  expect(decoded(kafka.source({ ...topic, value: checked }))[0]).toMatchObject({
    fields: null,
    wholes: [{ operator: 'orders', reason: 'its schema says more than of what kind fields are' }],
  })
  const watermark = { from: (order: Order) => order.at }
  expect(decoded(kafka.source({ ...topic, value: json<Order>(), watermark }))[0]).toMatchObject({
    fields: null,
    wholes: [{ operator: 'orders', reason: 'its watermark has functions' }],
  })
})

test('nothing of sources that decode no JSON', () => {
  const generated = generator.source({ generate: () => ({}) as Order })
  const rows = files.source({ path: 'x.csv', format: 'csv', value: z.any() as z.ZodType<Order> })
  expect([decoded(generated), decoded(rows)]).toEqual([[], []])
})
