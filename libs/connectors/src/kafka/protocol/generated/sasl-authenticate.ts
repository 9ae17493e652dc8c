// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface SaslAuthenticateRequest {
  /** The SASL authentication bytes from the client, as defined by the SASL mechanism. */
  readonly authBytes: Uint8Array
}

function writeSaslAuthenticateRequest(writer: WireWriter, it: SaslAuthenticateRequest, version: number): void {
  writer.compactByteString(it.authBytes)
  writer.noTags()
}

function readSaslAuthenticateRequest(reader: WireReader, version: number): SaslAuthenticateRequest {
  const authBytes = reader.compactByteString()
  reader.tags()
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
  writer.compactString(it.errorMessage)
  writer.compactByteString(it.authBytes)
  writer.int64(it.sessionLifetimeMs)
  writer.noTags()
}

function readSaslAuthenticateResponse(reader: WireReader, version: number): SaslAuthenticateResponse {
  const errorCode = reader.int16()
  const errorMessage = reader.compactNullableString()
  const authBytes = reader.compactByteString()
  const sessionLifetimeMs = reader.int64()
  reader.tags()
  return { errorCode, errorMessage, authBytes, sessionLifetimeMs }
}

/** SaslAuthenticate, versions 2. */
export const saslAuthenticateCodec: MessageCodec<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  name: 'SaslAuthenticate',
  key: 36,
  versions: [2],
  flexibleSince: 2,
  writeRequest: writeSaslAuthenticateRequest,
  readRequest: readSaslAuthenticateRequest,
  writeResponse: writeSaslAuthenticateResponse,
  readResponse: readSaslAuthenticateResponse,
}
