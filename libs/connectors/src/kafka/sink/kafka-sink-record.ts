import { LightflusError, type SinkFunctions } from '@lightflus/api'
import { noTimestamp } from '@lightflus/engine'
import type { NewRecord, RecordHeader } from '../records/record-batch.ts'

/** A record on its way to a topic. */
export interface OutgoingRecord extends NewRecord {
  /** Chosen by the program; undefined: by the key, or any. */
  readonly partition: number | undefined
}

/** What fields and lengths cost a record beyond its bytes, at most about this. */
const overheadBytes = 24

export const sizeOf = ({ key, value, headers }: OutgoingRecord): number =>
  overheadBytes +
  (key?.length ?? 0) +
  (value?.length ?? 0) +
  headers.reduce((sum, header) => sum + header.name.length + (header.value?.length ?? 0) + 4, 0)

/** Makes records of what the program's functions yield. */
export class RecordMaker {
  readonly #functions: SinkFunctions

  constructor(functions: SinkFunctions) {
    this.#functions = functions
  }

  /**
   * @param isTombstone the record has no value: what its key stood for is gone
   * @param timestamp the record's event time; without one (or before 1970, which Kafka lacks) `now` is taken
   * @throws LF_SINK_VALUE, and what the program's functions throw
   */
  make(value: unknown, timestamp: number, now: number, isTombstone = false): OutgoingRecord {
    const { value: valueOf, key: keyOf, headers: headersOf, partition: partitionOf } = this.#functions
    return {
      key: keyOf ? keyBytes(keyOf(value)) : null,
      value: isTombstone ? null : valueBytes(valueOf!(value)),
      headers: headersOf ? headerList(headersOf(value)) : [],
      timestamp: timestamp === noTimestamp || timestamp < 0 ? now : Math.floor(timestamp),
      partition: partitionOf ? partitionNumber(partitionOf(value)) : undefined,
    }
  }
}

/**
 * The key of a row of a changelog, as text that no other key has.
 * @throws LF_SINK_VALUE
 */
export function rowKey(key: unknown): string {
  const bytes = keyBytes(key)
  if (bytes === null) throw noKey()
  return Buffer.from(bytes).toString('latin1')
}

/** @throws LF_SINK_VALUE for a record without a key, which no other could replace */
export function requireKey({ key }: OutgoingRecord): void {
  if (key === null) throw noKey()
}

const noKey = (): LightflusError => unfit('key', 'text or bytes where the topic is upserted', null)

function valueBytes(value: unknown): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value)
  const text =
    typeof value === 'bigint'
      ? String(value)
      : (JSON.stringify(value, (_name, field: unknown) => (typeof field === 'bigint' ? String(field) : field)) as
          string | undefined)
  if (text !== undefined) return Buffer.from(text)
  throw unfit('value', 'text, bytes, an object, or null for a tombstone', value)
}

function keyBytes(key: unknown): Uint8Array | null {
  if (key === null || key instanceof Uint8Array) return key
  if (typeof key === 'string') return Buffer.from(key)
  if (typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean') return Buffer.from(String(key))
  throw unfit('key', 'text, bytes or null', key)
}

function headerList(headers: unknown): RecordHeader[] {
  if (typeof headers !== 'object' || headers === null) throw unfit('headers', 'an object', headers)
  return Object.entries(headers).map(([name, value]: [string, unknown]) => {
    if (value === null || value instanceof Uint8Array) return { name, value }
    if (typeof value === 'string' || typeof value === 'number') return { name, value: Buffer.from(String(value)) }
    throw unfit(`headers (${name})`, 'text or bytes', value)
  })
}

function partitionNumber(partition: unknown): number {
  if (typeof partition === 'number' && Number.isInteger(partition) && partition >= 0) return partition
  throw unfit('partition', 'a whole number from 0', partition)
}

const unfit = (what: string, wanted: string, given: unknown): LightflusError =>
  new LightflusError(
    'LF_SINK_VALUE',
    `${what} must yield ${wanted}, not ${given === null ? 'null' : `a value of type ${typeof given}`}`,
  )
