import type { StandardSchema } from '@lightflus/api'
import { z } from 'zod'
import { schemaFields } from './schema-fields.ts'

const shape = { a: z.coerce.number(), b: z.string().optional() }

test.each<[string, unknown]>([
  ['an object', z.object(shape)],
  ['with a check of the whole', z.object(shape).refine(({ a }) => a > 1)],
  ['that is transformed', z.object(shape).transform(({ a }) => a)],
  ['that may be missing', z.object(shape).nullable().optional().readonly()],
])('%s is looked at by its fields alone', (_, schema) => {
  expect(schemaFields(schema as StandardSchema)).toEqual(new Set(['a', 'b']))
})

test.each<[string, unknown]>([
  ['a strict object', z.strictObject(shape)],
  ['a loose object', z.looseObject(shape)],
  ['an object with a rule for other fields', z.object(shape).catchall(z.string())],
  ['what a function sees first', z.preprocess((value) => value, z.object(shape))],
  ['a choice', z.union([z.object(shape), z.object({ c: z.string() })])],
  ['a record', z.record(z.string(), z.string())],
  ['another library’s', { '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value }) } }],
  ['none', undefined],
])('of %s any field may be looked at', (_, schema) => {
  expect(schemaFields(schema as StandardSchema)).toBeUndefined()
})
