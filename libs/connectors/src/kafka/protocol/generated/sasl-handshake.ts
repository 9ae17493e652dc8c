// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface SaslHandshakeRequest {
  /** The SASL mechanism chosen by the client. */
  readonly mechanism: string
}

function writeSaslHandshakeRequest(writer: WireWriter, it: SaslHandshakeRequest, version: number): void {
  writer.string(it.mechanism)
}

function readSaslHandshakeRequest(reader: WireReader, version: number): SaslHandshakeRequest {
  const mechanism = reader.string()
  return { mechanism }
}

export interface SaslHandshakeResponse {
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The mechanisms enabled in the server. */
  readonly mechanisms: readonly string[]
}

function writeSaslHandshakeResponse(writer: WireWriter, it: SaslHandshakeResponse, version: number): void {
  writer.int16(it.errorCode)
  writer.array(it.mechanisms, (one) => writer.string(one))
}

function readSaslHandshakeResponse(reader: WireReader, version: number): SaslHandshakeResponse {
  const errorCode = reader.int16()
  const mechanisms = reader.array(() => reader.string())
  return { errorCode, mechanisms }
}

/** SaslHandshake, versions 1. */
export const saslHandshakeCodec: MessageCodec<SaslHandshakeRequest, SaslHandshakeResponse> = {
  name: 'SaslHandshake',
  key: 17,
  versions: [1],
  flexibleSince: Infinity,
  writeRequest: writeSaslHandshakeRequest,
  readRequest: readSaslHandshakeRequest,
  writeResponse: writeSaslHandshakeResponse,
  readResponse: readSaslHandshakeResponse,
}
