// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface SaslAuthenticateRequest {
  /** The SASL authentication bytes from the client, as defined by the SASL mechanism. */
  readonly authBytes: Uint8Array
}

function writeSaslAuthenticateRequest(writer: WireWriter, it: SaslAuthenticateRequest, version: number): void {
  if (version >= 2) writer.compactByteString(it.authBytes)
  else writer.byteString(it.authBytes)
  if (version >= 2) writer.noTags()
}

function readSaslAuthenticateRequest(reader: WireReader, version: number): SaslAuthenticateRequest {
  const authBytes = version >= 2 ? reader.compactByteString() : reader.byteString()
  if (version >= 2) reader.tags()
  return { authBytes }
}

export interface SaslAuthenticateResponse {
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The error message, or null if there was no error. */
  readonly errorMessage: string | null
  /** The SASL authentication bytes from the server, as defined by the SASL mechanism. */
  readonly authBytes: Buffer
  /** Number of milliseconds after which only re-authentication over the existing connection to create a new session can occur. */
  readonly sessionLifetimeMs: number
}

function writeSaslAuthenticateResponse(writer: WireWriter, it: SaslAuthenticateResponse, version: number): void {
  writer.int16(it.errorCode)
  if (version >= 2) writer.compactString(it.errorMessage)
  else writer.string(it.errorMessage)
  if (version >= 2) writer.compactByteString(it.authBytes)
  else writer.byteString(it.authBytes)
  writer.int64(it.sessionLifetimeMs)
  if (version >= 2) writer.noTags()
}

function readSaslAuthenticateResponse(reader: WireReader, version: number): SaslAuthenticateResponse {
  const errorCode = reader.int16()
  const errorMessage = version >= 2 ? reader.compactNullableString() : reader.nullableString()
  const authBytes = version >= 2 ? reader.compactByteString() : reader.byteString()
  const sessionLifetimeMs = reader.int64()
  if (version >= 2) reader.tags()
  return { errorCode, errorMessage, authBytes, sessionLifetimeMs }
}

/** SaslAuthenticate, versions 1, 2. */
export const saslAuthenticateCodec: MessageCodec<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  name: 'SaslAuthenticate',
  key: 36,
  versions: [1, 2],
  flexibleSince: 2,
  writeRequest: writeSaslAuthenticateRequest,
  readRequest: readSaslAuthenticateRequest,
  writeResponse: writeSaslAuthenticateResponse,
  readResponse: readSaslAuthenticateResponse,
}
