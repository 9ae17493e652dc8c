import type { KafkaRequest } from './request.ts'

/** Largest answer of one that has not shown yet who it is, bytes: real ones take a few hundred. */
const answerBytesMax = 64 * 1024

/** The newest version of each request that a broker speaks. */
export interface ApiVersions {
  readonly error: number
  readonly newest: ReadonlyMap<number, number>
}

export const apiVersions: KafkaRequest<undefined, ApiVersions> = {
  name: 'ApiVersions',
  key: 18,
  version: 0,
  isFlexible: false,
  answerBytesMax,
  encode: () => undefined,
  decode: (reader) => {
    const error = reader.int16()
    const ranges = reader.array(() => ({ key: reader.int16(), oldest: reader.int16(), newest: reader.int16() }))
    return { error, newest: new Map(ranges.map(({ key, newest }) => [key, newest])) }
  },
}

export const saslHandshake: KafkaRequest<string, { readonly error: number; readonly mechanisms: readonly string[] }> = {
  name: 'SaslHandshake',
  key: 17,
  version: 1,
  isFlexible: false,
  answerBytesMax,
  encode: (writer, mechanism) => void writer.string(mechanism),
  decode: (reader) => ({ error: reader.int16(), mechanisms: reader.array(() => reader.string()) }),
}

export interface SaslAnswer {
  readonly error: number
  readonly message: string | null
  readonly bytes: Buffer
  /** Milliseconds after which the broker wants to be asked anew; 0: never. */
  readonly sessionLifetimeMs: number
}

export const saslAuthenticate: KafkaRequest<Uint8Array, SaslAnswer> = {
  name: 'SaslAuthenticate',
  key: 36,
  version: 1,
  isFlexible: false,
  answerBytesMax,
  encode: (writer, bytes) => void writer.byteString(bytes),
  decode: (reader) => ({
    error: reader.int16(),
    message: reader.nullableString(),
    bytes: reader.byteString(),
    sessionLifetimeMs: reader.int64(),
  }),
}
