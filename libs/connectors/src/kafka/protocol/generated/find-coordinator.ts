// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import { refuseField, sameValue, type MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface FindCoordinatorRequest {
  /** The coordinator key. */
  readonly key?: string
  /** The coordinator key type. (group, transaction, share). */
  readonly keyType?: number
  /** The coordinator keys. */
  readonly coordinatorKeys?: readonly string[]
}

function writeFindCoordinatorRequest(writer: WireWriter, it: FindCoordinatorRequest, version: number): void {
  if (version <= 3) writer.string(it.key ?? '')
  writer.int8(it.keyType ?? 0)
  if (version >= 4) writer.compactArray(it.coordinatorKeys ?? [], (one) => writer.compactString(one))
  if (!(version <= 3) && !sameValue(it.key ?? '', '')) refuseField('FindCoordinatorRequest', 'key', version)
  if (!(version >= 4) && !sameValue(it.coordinatorKeys ?? [], [])) refuseField('FindCoordinatorRequest', 'coordinatorKeys', version)
  if (version >= 3) writer.noTags()
}

function readFindCoordinatorRequest(reader: WireReader, version: number): FindCoordinatorRequest {
  const key = version <= 3 ? reader.string() : ''
  const keyType = reader.int8()
  const coordinatorKeys = version >= 4 ? reader.compactArray(() => reader.compactString()) : []
  if (version >= 3) reader.tags()
  return { key, keyType, coordinatorKeys }
}

export interface Coordinator {
  /** The coordinator key. */
  readonly key: string
  /** The node id. */
  readonly nodeId: number
  /** The host name. */
  readonly host: string
  /** The port. */
  readonly port: number
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The error message, or null if there was no error. */
  readonly errorMessage: string | null
}

function writeCoordinator(writer: WireWriter, it: Coordinator): void {
  writer.compactString(it.key)
  writer.int32(it.nodeId)
  writer.compactString(it.host)
  writer.int32(it.port)
  writer.int16(it.errorCode)
  writer.compactString(it.errorMessage)
  writer.noTags()
}

function readCoordinator(reader: WireReader): Coordinator {
  const key = reader.compactString()
  const nodeId = reader.int32()
  const host = reader.compactString()
  const port = reader.int32()
  const errorCode = reader.int16()
  const errorMessage = reader.compactNullableString()
  reader.tags()
  return { key, nodeId, host, port, errorCode, errorMessage }
}

export interface FindCoordinatorResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The error code, or 0 if there was no error. */
  readonly errorCode: number
  /** The error message, or null if there was no error. */
  readonly errorMessage: string | null
  /** The node id. */
  readonly nodeId: number
  /** The host name. */
  readonly host: string
  /** The port. */
  readonly port: number
  /** Each coordinator result in the response. */
  readonly coordinators: readonly Coordinator[]
}

function writeFindCoordinatorResponse(writer: WireWriter, it: FindCoordinatorResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  if (version <= 3) writer.int16(it.errorCode)
  if (version <= 3) writer.string(it.errorMessage)
  if (version <= 3) writer.int32(it.nodeId)
  if (version <= 3) writer.string(it.host)
  if (version <= 3) writer.int32(it.port)
  if (version >= 4) writer.compactArray(it.coordinators, (one) => writeCoordinator(writer, one))
  if (version >= 3) writer.noTags()
}

function readFindCoordinatorResponse(reader: WireReader, version: number): FindCoordinatorResponse {
  const throttleTimeMs = reader.int32()
  const errorCode = version <= 3 ? reader.int16() : 0
  const errorMessage = version <= 3 ? reader.nullableString() : ''
  const nodeId = version <= 3 ? reader.int32() : 0
  const host = version <= 3 ? reader.string() : ''
  const port = version <= 3 ? reader.int32() : 0
  const coordinators = version >= 4 ? reader.compactArray(() => readCoordinator(reader)) : []
  if (version >= 3) reader.tags()
  return { throttleTimeMs, errorCode, errorMessage, nodeId, host, port, coordinators }
}

/** FindCoordinator, versions 2, 4. */
export const findCoordinatorCodec: MessageCodec<FindCoordinatorRequest, FindCoordinatorResponse> = {
  name: 'FindCoordinator',
  key: 10,
  versions: [2, 4],
  flexibleSince: 4,
  writeRequest: writeFindCoordinatorRequest,
  readRequest: readFindCoordinatorRequest,
  writeResponse: writeFindCoordinatorResponse,
  readResponse: readFindCoordinatorResponse,
}
