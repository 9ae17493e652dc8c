import type { SourceFunctions } from './definition.ts'
import { LightflusError } from './errors/lightflus-error.ts'
import type { StandardSchema } from './schema.ts'

/** How a payload becomes a value. Made by {@link json} or {@link text}. */
export interface Format<T> {
  readonly format: 'json' | 'text'
  /** Bytes are only there during the call, since their memory is used again: keep a copy of what is to stay. */
  readonly decode: (payload: Uint8Array | string) => T
}

/** A schema stands for JSON that it validates: `value: Order` is JSON checked by the schema `Order`. */
export type ValueFormat<T> = StandardSchema<any, T> | Format<T>

// Made at the first record and not at import: a program is also imported where no TextDecoder is (the check's sandbox).
let decoder: TextDecoder | undefined
/** A byte order mark is part of it: whoever reads files knows where one is none of the text. */
const asText = (payload: Uint8Array | string): string =>
  typeof payload === 'string'
    ? payload
    : (decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })).decode(payload)

const withoutMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)

const decodeJson = (payload: Uint8Array | string): unknown => JSON.parse(withoutMark(asText(payload)))

/** Payloads are JSON, taken as they are: give a schema instead wherever the data is not your own. */
export function json<T = unknown>(): Format<T> {
  return { format: 'json', decode: decodeJson as Format<T>['decode'] }
}

/** Payloads are UTF-8 text. */
export function text(): Format<string> {
  return { format: 'text', decode: asText }
}

export const isSchema = (value: unknown): value is StandardSchema =>
  (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
export const isFormat = (value: unknown): value is Format<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Format<unknown>>).decode === 'function'
export const isValueFormat = (value: unknown): value is ValueFormat<unknown> => isSchema(value) || isFormat(value)

/** What a source's functions are for a format: decode alone, or JSON and then the schema. */
export function decoding<T>(format: ValueFormat<T>): Pick<SourceFunctions, 'decode' | 'format' | 'schema'> {
  if (isSchema(format)) return { decode: decodeJson, format: 'json', schema: format }
  // Anyone may make a format that is called so.
  const isJson = (format.decode as unknown) === decodeJson
  return { decode: format.decode, ...(isJson && { format: 'json' }) }
}

/**
 * One payload all the way to a value, where a connector wraps values in an envelope.
 * @throws LF_PROGRAM_OPTION for a schema that validates asynchronously; the schema's issues as an Error otherwise.
 */
export function decodeValue<T>(format: ValueFormat<T>, payload: Uint8Array | string): T {
  if (!isSchema(format)) return format.decode(payload)
  const result = format['~standard'].validate(json().decode(payload))
  if (result instanceof Promise)
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      'value: the schema validates asynchronously, which a record cannot wait for.',
    )
  if (result.issues)
    throw new Error(
      result.issues
        .map(({ message, path }) => `${(path ?? []).map(segment).join('.') || 'value'}: ${message}`)
        .join('; '),
    )
  return result.value as T
}

const segment = (part: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof part === 'object' ? part.key : part)
