// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface FindCoordinatorRequest {
  /** The coordinator key type. (group, transaction, share). */
  readonly keyType?: number
  /** The coordinator keys. */
  readonly coordinatorKeys: readonly string[]
}

function writeFindCoordinatorRequest(writer: WireWriter, it: FindCoordinatorRequest, version: number): void {
  writer.int8(it.keyType ?? 0)
  writer.compactArray(it.coordinatorKeys, (one) => writer.compactString(one))
  writer.noTags()
}

function readFindCoordinatorRequest(reader: WireReader, version: number): FindCoordinatorRequest {
  const keyType = reader.int8()
  const coordinatorKeys = reader.compactArray(() => reader.compactString())
  reader.tags()
  return { keyType, coordinatorKeys }
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
  /** Each coordinator result in the response. */
  readonly coordinators: readonly Coordinator[]
}

function writeFindCoordinatorResponse(writer: WireWriter, it: FindCoordinatorResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.coordinators, (one) => writeCoordinator(writer, one))
  writer.noTags()
}

function readFindCoordinatorResponse(reader: WireReader, version: number): FindCoordinatorResponse {
  const throttleTimeMs = reader.int32()
  const coordinators = reader.compactArray(() => readCoordinator(reader))
  reader.tags()
  return { throttleTimeMs, coordinators }
}

/** FindCoordinator, versions 4. */
export const findCoordinatorCodec: MessageCodec<FindCoordinatorRequest, FindCoordinatorResponse> = {
  name: 'FindCoordinator',
  key: 10,
  versions: [4],
  flexibleSince: 4,
  writeRequest: writeFindCoordinatorRequest,
  readRequest: readFindCoordinatorRequest,
  writeResponse: writeFindCoordinatorResponse,
  readResponse: readFindCoordinatorResponse,
}
