import { LightflusError, type SinkFunctions } from '@lightflus/api'
import type { Delivery } from '../staging/delivery.ts'

/** What is written of a record. */
export interface WriteOptions {
  readonly command: 'set' | 'hash' | 'list' | 'stream'
  readonly ttlMs: number | null
}

export interface RedisSinkOptions extends WriteOptions {
  readonly delivery: Delivery
  /** Of the keys of markers. */
  readonly markerPrefix: string
  /** Output that may wait for its checkpoint, bytes. */
  readonly stagedBytesMax: number
}

/** One record as Redis commands: the write, and the key's new time to live after it where there is one. */
export interface RecordCommands {
  readonly key: string
  readonly commands: readonly (readonly [name: string, ...args: (string | number)[]])[]
  /** About what it takes on the wire. */
  readonly bytes: number
}

/** Bytes that protocol and lengths add to a command, about. */
const overheadBytes = 48

/**
 * What a record becomes.
 * @throws LF_SINK_VALUE, and what the program's functions throw
 */
export function recordCommands(
  record: unknown,
  functions: SinkFunctions,
  { command, ttlMs }: WriteOptions,
): RecordCommands {
  const key = keyOf(functions['key']!(record))
  const value = functions['value']!(record)
  const write = writeOf(command, key, value, ttlMs)
  const expire: readonly (readonly [string, ...(string | number)[]])[] =
    ttlMs === null || command === 'set' ? [] : [['pexpire', key, ttlMs]]
  const bytes = write.reduce<number>(
    (sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : 8),
    overheadBytes,
  )
  return { key, commands: [write, ...expire], bytes }
}

/** What a row that is taken back becomes. */
export function removalCommands(key: string): RecordCommands {
  return { key, commands: [['del', key]], bytes: Buffer.byteLength(key) + overheadBytes }
}

/** Takes fields out of a hash: those of its old row that the new one lacks. */
export function fieldRemovalCommands(key: string, fields: readonly string[]): RecordCommands {
  return {
    key,
    commands: [['hdel', key, ...fields]],
    bytes: fields.reduce((sum, field) => sum + Buffer.byteLength(field), Buffer.byteLength(key) + overheadBytes),
  }
}

function writeOf(
  command: RedisSinkOptions['command'],
  key: string,
  value: unknown,
  ttlMs: number | null,
): readonly [string, ...(string | number)[]] {
  switch (command) {
    case 'set':
      return ['set', key, scalarOf('value', value), ...(ttlMs === null ? [] : ['PX', ttlMs])]
    case 'list':
      return ['rpush', key, scalarOf('value', value)]
    case 'hash':
      return ['hset', key, ...fieldsOf(value)]
    case 'stream':
      return ['xadd', key, '*', ...fieldsOf(value)]
  }
}

/** @throws LF_SINK_VALUE */
export function keyOf(key: unknown): string {
  if (typeof key === 'string' && key !== '') return key
  if (typeof key === 'number' || typeof key === 'bigint') return String(key)
  throw unfit('key', 'text that is not empty, or a number', key)
}

function scalarOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  throw unfit(name, 'text or a number', value)
}

function fieldsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unfit('value', 'an object of fields', value)
  const fields = Object.entries(value).flatMap(([field, content]) => [field, scalarOf(`value (${field})`, content)])
  if (fields.length === 0) throw unfit('value', 'an object with at least one field', value)
  return fields
}

function unfit(name: string, form: string, value: unknown): LightflusError {
  const shown = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
  return new LightflusError('LF_SINK_VALUE', `${name}() yielded ${shown}, but the sink 'redis' needs ${form}`)
}
