import fc from 'fast-check'
import { within, type Field, type Message } from '../kafka/protocol/dev/message-definition.ts'
import { wantedByTests, wantedMessages } from '../kafka/protocol/dev/wanted-messages.ts'

const noUuid = '0'.repeat(32)
const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })

const valuesUpTo = (lengthMax: number): Readonly<Record<string, fc.Arbitrary<unknown>>> => ({
  bool: fc.boolean(),
  int8: integer(8),
  int16: integer(16),
  uint16: fc.integer({ min: 0, max: 65_535 }),
  int32: integer(32),
  int64: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(-1, 0)),
  string: fc.string({ unit: 'grapheme', maxLength: lengthMax }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  bytes: fc.uint8Array({ maxLength: lengthMax }).map((bytes) => Buffer.from(bytes)),
  // Some long enough not to be copied.
  records: fc.integer({ min: 0, max: 30 * lengthMax }).map((length) => Buffer.alloc(length, length)),
})

/** What a field holds where it is not said, or where its version does not know it. */
function fallbackOf(message: Message, field: Field, versions: readonly number[]): unknown {
  const { type, isArray, fallback } = field
  if (fallback === 'null') return null
  if (isArray) return []
  if (type === 'string') return fallback ?? ''
  if (type === 'uuid') return noUuid
  if (type === 'bool') return fallback === 'true'
  if (type === 'bytes' || type === 'records') return Buffer.alloc(0)
  const struct = message.structs.get(type)
  if (!struct) return Number(fallback ?? 0)
  return Object.fromEntries(
    known(struct.fields, versions).map((inner) => [inner.name, fallbackOf(message, inner, versions)]),
  )
}

const known = (fields: readonly Field[], versions: readonly number[]): Field[] =>
  fields.filter((field) => versions.some((version) => within(version, field.versions)))

/**
 * Any value that a message can have at one of the versions that are generated, as its codec reads it.
 * @param elementsMax of each list
 */
export function anyMessage(message: Message, version: number, elementsMax = 4): fc.Arbitrary<unknown> {
  const values = valuesUpTo(10 * elementsMax ** 2)
  const name = message.name.replace(/(Request|Response)$/, '')
  const anyOf = (fields: readonly Field[], versions: readonly number[]): fc.Arbitrary<unknown> =>
    fc.record(Object.fromEntries(known(fields, versions).map((field) => [field.name, anyField(field, versions)])))
  const anyField = (field: Field, versions: readonly number[]): fc.Arbitrary<unknown> => {
    if (!within(version, field.versions)) return fc.constant(fallbackOf(message, field, versions))
    const inside = versions.filter((one) => within(one, field.versions))
    const struct = message.structs.get(field.type)
    const one = struct ? anyOf(struct.fields, inside) : values[field.type]!
    const value = field.isArray ? fc.array(one, { maxLength: elementsMax }) : one
    return within(version, field.nullable) ? fc.option(value, { freq: 4 }) : value
  }
  return anyOf(message.fields, { ...wantedMessages, ...wantedByTests }[name]!)
}

/** A value as Kafka's own client has it in JSON: what the version knows. */
export function wireForm(message: Message, version: number, value: unknown): unknown {
  const one = (field: Field, value: unknown): unknown => {
    const struct = message.structs.get(field.type)
    if (value === null) return null
    if (struct) return structure(struct.fields, value)
    if (Buffer.isBuffer(value)) return value.toString('base64')
    return field.type === 'uuid' ? Buffer.from(value as string, 'hex').toString('base64url') : value
  }
  const structure = (fields: readonly Field[], value: unknown): unknown => {
    const entries = fields
      .filter((field) => within(version, field.versions))
      .map((field) => {
        const own = (value as Readonly<Record<string, unknown>>)[field.name]
        return [field.name, Array.isArray(own) ? own.map((element) => one(field, element)) : one(field, own)] as const
      })
    return Object.fromEntries(entries)
  }
  return structure(message.fields, value)
}
