import { LightflusError } from '@lightflus/api'
import { noTimestamp } from '@lightflus/engine'
import type { RecordHeader } from '../records/record-batch.ts'

/** A record's event time as Kafka has it: without one (or before 1970, which Kafka lacks) `now` is taken. */
export const timeOf = (timestamp: number, now: number): number =>
  timestamp === noTimestamp || timestamp < 0 ? now : Math.floor(timestamp)

/** What is written of what `value` yields; null is a tombstone. @throws LF_SINK_VALUE */
export function valueOf(value: unknown): Uint8Array | string | null {
  if (value === null || value instanceof Uint8Array || typeof value === 'string') return value
  const text = typeof value === 'bigint' ? String(value) : jsonText(value)
  if (text !== undefined) return text
  throw unfit('value', 'text, bytes, an object, or null for a tombstone', value)
}

/** JSON in which a bigint is text. */
function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (thrown) {
    // A function that looks at every field makes it several times as slow, so it is not given without need.
    if (!(thrown instanceof TypeError)) throw thrown
    return JSON.stringify(value, (_name, field: unknown) => (typeof field === 'bigint' ? String(field) : field))
  }
}

/** What is written of what `key` yields. @throws LF_SINK_VALUE */
export function keyOf(key: unknown): Uint8Array | null {
  if (key === null || key instanceof Uint8Array) return key
  if (typeof key === 'string') return Buffer.from(key)
  if (typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean') return Buffer.from(String(key))
  throw unfit('key', 'text, bytes or null', key)
}

/** As {@link keyOf}, where the topic is upserted, so that there has to be one. @throws LF_SINK_VALUE */
export function rowKeyOf(key: unknown): Uint8Array {
  const bytes = keyOf(key)
  if (bytes === null) throw unfit('key', 'text or bytes where the topic is upserted', null)
  return bytes
}

/**
 * The key of a row of a changelog, as text that no other key has.
 * @throws LF_SINK_VALUE
 */
export const rowKey = (key: unknown): string => Buffer.from(rowKeyOf(key)).toString('latin1')

/** What is written of what `headers` yields. @throws LF_SINK_VALUE */
export function headersOf(headers: unknown): RecordHeader[] {
  if (typeof headers !== 'object' || headers === null) throw unfit('headers', 'an object', headers)
  return Object.entries(headers).map(([name, value]: [string, unknown]) => {
    if (value === null || value instanceof Uint8Array) return { name, value }
    if (typeof value === 'string' || typeof value === 'number') return { name, value: Buffer.from(String(value)) }
    throw unfit(`headers (${name})`, 'text or bytes', value)
  })
}

/** The number that `partition` yields. @throws LF_SINK_VALUE where topic has none of this number */
export function partitionOf(partition: unknown, topic: string, count: number): number {
  if (typeof partition !== 'number' || !Number.isInteger(partition) || partition < 0)
    throw unfit('partition', 'a whole number from 0', partition)
  if (partition < count) return partition
  throw new LightflusError(
    'LF_SINK_VALUE',
    `partition yielded ${partition}, but topic '${topic}' has partitions 0 to ${count - 1}`,
  )
}

const unfit = (what: string, wanted: string, given: unknown): LightflusError =>
  new LightflusError(
    'LF_SINK_VALUE',
    `${what} must yield ${wanted}, not ${given === null ? 'null' : `a value of type ${typeof given}`}`,
  )
