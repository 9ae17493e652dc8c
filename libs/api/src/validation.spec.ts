import { z } from 'zod'
import { files, generator, json, kafka } from './index.ts'

// Goal: what is validated of a source's records is in its graph, and nothing is where the program says so.

const Order = z.object({ id: z.string() })
const topic = { connection: 'shop', topic: 'orders', value: Order } as const
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

test('all fields are, unless the program says otherwise', () => {
  const { options, functions } = kafka.source(topic)
  expect(options).not.toHaveProperty('validate')
  expect(functions.schema).toBe(Order)
  expect(kafka.source({ ...topic, validate: 'all' })).toEqual(kafka.source(topic))
})

test('those that are used, at least: the schema stays', () => {
  const { options, functions } = kafka.source({ ...topic, validate: 'used' })
  expect(options).toMatchObject({ validate: 'used' })
  expect(functions.schema).toBe(Order)
})

test('none: records are what was decoded', () => {
  const sources = [
    kafka.source({ ...topic, validate: 'off' }),
    files.source({ path: 'orders.jsonl', value: Order, validate: 'off' }),
    generator.source({ generate: () => '{}', value: Order, validate: 'off' }),
  ]
  for (const { options, functions } of sources) {
    expect(options).toMatchObject({ validate: 'off' })
    expect(functions).not.toHaveProperty('schema')
    expect(functions.decode!(bytes({ id: 1 }))).toEqual({ id: 1 })
  }
})

test('also within the envelope of a Kafka record', () => {
  const raw = { key: null, value: bytes({ id: 1 }), headers: {}, timestamp: 0, partition: 0, offset: '0' }
  const decode = (validate: 'all' | 'off') => kafka.source({ ...topic, envelope: true, validate }).functions.decode!
  expect(decode('off')(raw)).toMatchObject({ value: { id: 1 } })
  expect(() => decode('all')(raw)).toThrow('expected string')
})

test('where there is no schema, there is nothing to say', () => {
  expect(() => kafka.source({ ...topic, value: json(), validate: 'off' })).toThrow(
    "kafka.source: validate 'off' goes with a schema as its value.",
  )
  expect(() => files.source({ path: 'x', format: 'text', validate: 'used' } as never)).toThrow('goes with a schema')
  expect(() => kafka.source({ ...topic, validate: 'some' as 'all' })).toThrow("must be one of 'all', 'used', 'off'")
})
