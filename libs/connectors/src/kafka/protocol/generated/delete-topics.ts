// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import type { MessageCodec } from '../message-codec.ts'
import type { WireReader, WireWriter } from '../wire.ts'

export interface DeleteTopicState {
  /** The topic name. */
  readonly name?: string | null
  /** The unique topic ID. */
  readonly topicId: string
}

function writeDeleteTopicState(writer: WireWriter, it: DeleteTopicState): void {
  writer.compactString(it.name ?? null)
  writer.uuid(it.topicId)
  writer.noTags()
}

function readDeleteTopicState(reader: WireReader): DeleteTopicState {
  const name = reader.compactNullableString()
  const topicId = reader.uuid()
  reader.tags()
  return { name, topicId }
}

export interface DeleteTopicsRequest {
  /** The name or topic ID of the topic. */
  readonly topics: readonly DeleteTopicState[]
  /** The length of time in milliseconds to wait for the deletions to complete. */
  readonly timeoutMs: number
}

function writeDeleteTopicsRequest(writer: WireWriter, it: DeleteTopicsRequest, version: number): void {
  writer.compactArray(it.topics, (one) => writeDeleteTopicState(writer, one))
  writer.int32(it.timeoutMs)
  writer.noTags()
}

function readDeleteTopicsRequest(reader: WireReader, version: number): DeleteTopicsRequest {
  const topics = reader.compactArray(() => readDeleteTopicState(reader))
  const timeoutMs = reader.int32()
  reader.tags()
  return { topics, timeoutMs }
}

export interface DeletableTopicResult {
  /** The topic name. */
  readonly name: string | null
  /** The unique topic ID. */
  readonly topicId: string
  /** The deletion error, or 0 if the deletion succeeded. */
  readonly errorCode: number
  /** The error message, or null if there was no error. */
  readonly errorMessage: string | null
}

function writeDeletableTopicResult(writer: WireWriter, it: DeletableTopicResult): void {
  writer.compactString(it.name)
  writer.uuid(it.topicId)
  writer.int16(it.errorCode)
  writer.compactString(it.errorMessage)
  writer.noTags()
}

function readDeletableTopicResult(reader: WireReader): DeletableTopicResult {
  const name = reader.compactNullableString()
  const topicId = reader.uuid()
  const errorCode = reader.int16()
  const errorMessage = reader.compactNullableString()
  reader.tags()
  return { name, topicId, errorCode, errorMessage }
}

export interface DeleteTopicsResponse {
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** The results for each topic we tried to delete. */
  readonly responses: readonly DeletableTopicResult[]
}

function writeDeleteTopicsResponse(writer: WireWriter, it: DeleteTopicsResponse, version: number): void {
  writer.int32(it.throttleTimeMs)
  writer.compactArray(it.responses, (one) => writeDeletableTopicResult(writer, one))
  writer.noTags()
}

function readDeleteTopicsResponse(reader: WireReader, version: number): DeleteTopicsResponse {
  const throttleTimeMs = reader.int32()
  const responses = reader.compactArray(() => readDeletableTopicResult(reader))
  reader.tags()
  return { throttleTimeMs, responses }
}

/** DeleteTopics, versions 6. */
export const deleteTopicsCodec: MessageCodec<DeleteTopicsRequest, DeleteTopicsResponse> = {
  name: 'DeleteTopics',
  key: 20,
  versions: [6],
  flexibleSince: 6,
  writeRequest: writeDeleteTopicsRequest,
  readRequest: readDeleteTopicsRequest,
  writeResponse: writeDeleteTopicsResponse,
  readResponse: readDeleteTopicsResponse,
}
