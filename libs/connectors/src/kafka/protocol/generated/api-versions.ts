// Generated from Kafka's message definitions by `npm run generate`: change those, or the generator.
import { sameValue, type MessageCodec } from '../message-codec.ts'
import type { TaggedField, WireReader, WireWriter } from '../wire.ts'

export interface ApiVersionsRequest {
  /** The name of the client. */
  readonly clientSoftwareName?: string
  /** The version of the client. */
  readonly clientSoftwareVersion?: string
}

function writeApiVersionsRequest(writer: WireWriter, it: ApiVersionsRequest, version: number): void {
  if (version >= 3) writer.compactString(it.clientSoftwareName ?? '')
  if (version >= 3) writer.compactString(it.clientSoftwareVersion ?? '')
  if (version >= 3) writer.noTags()
}

function readApiVersionsRequest(reader: WireReader, version: number): ApiVersionsRequest {
  const clientSoftwareName = version >= 3 ? reader.compactString() : ''
  const clientSoftwareVersion = version >= 3 ? reader.compactString() : ''
  if (version >= 3) reader.tags()
  return { clientSoftwareName, clientSoftwareVersion }
}

export interface ApiVersion {
  /** The API index. */
  readonly apiKey: number
  /** The minimum supported version, inclusive. */
  readonly minVersion: number
  /** The maximum supported version, inclusive. */
  readonly maxVersion: number
}

function writeApiVersion(writer: WireWriter, it: ApiVersion, version: number): void {
  writer.int16(it.apiKey)
  writer.int16(it.minVersion)
  writer.int16(it.maxVersion)
  if (version >= 3) writer.noTags()
}

function readApiVersion(reader: WireReader, version: number): ApiVersion {
  const apiKey = reader.int16()
  const minVersion = reader.int16()
  const maxVersion = reader.int16()
  if (version >= 3) reader.tags()
  return { apiKey, minVersion, maxVersion }
}

export interface SupportedFeatureKey {
  /** The name of the feature. */
  readonly name: string
  /** The minimum supported version for the feature. */
  readonly minVersion: number
  /** The maximum supported version for the feature. */
  readonly maxVersion: number
}

function writeSupportedFeatureKey(writer: WireWriter, it: SupportedFeatureKey): void {
  writer.compactString(it.name)
  writer.int16(it.minVersion)
  writer.int16(it.maxVersion)
  writer.noTags()
}

function readSupportedFeatureKey(reader: WireReader): SupportedFeatureKey {
  const name = reader.compactString()
  const minVersion = reader.int16()
  const maxVersion = reader.int16()
  reader.tags()
  return { name, minVersion, maxVersion }
}

export interface FinalizedFeatureKey {
  /** The name of the feature. */
  readonly name: string
  /** The cluster-wide finalized max version level for the feature. */
  readonly maxVersionLevel: number
  /** The cluster-wide finalized min version level for the feature. */
  readonly minVersionLevel: number
}

function writeFinalizedFeatureKey(writer: WireWriter, it: FinalizedFeatureKey): void {
  writer.compactString(it.name)
  writer.int16(it.maxVersionLevel)
  writer.int16(it.minVersionLevel)
  writer.noTags()
}

function readFinalizedFeatureKey(reader: WireReader): FinalizedFeatureKey {
  const name = reader.compactString()
  const maxVersionLevel = reader.int16()
  const minVersionLevel = reader.int16()
  reader.tags()
  return { name, maxVersionLevel, minVersionLevel }
}

export interface ApiVersionsResponse {
  /** The top-level error code. */
  readonly errorCode: number
  /** The APIs supported by the broker. */
  readonly apiKeys: readonly ApiVersion[]
  /** The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota. */
  readonly throttleTimeMs: number
  /** Features supported by the broker. Note: in v0-v3, features with MinSupportedVersion = 0 are omitted. */
  readonly supportedFeatures: readonly SupportedFeatureKey[]
  /** The monotonically increasing epoch for the finalized features information. Valid values are >= 0. A value of -1 is special and represents unknown epoch. */
  readonly finalizedFeaturesEpoch: number
  /** List of cluster-wide finalized features. The information is valid only if FinalizedFeaturesEpoch >= 0. */
  readonly finalizedFeatures: readonly FinalizedFeatureKey[]
  /** Set by a KRaft controller if the required configurations for ZK migration are present. */
  readonly zkMigrationReady: boolean
}

function writeApiVersionsResponse(writer: WireWriter, it: ApiVersionsResponse, version: number): void {
  writer.int16(it.errorCode)
  if (version >= 3) writer.compactArray(it.apiKeys, (one) => writeApiVersion(writer, one, version))
  else writer.array(it.apiKeys, (one) => writeApiVersion(writer, one, version))
  if (version >= 1) writer.int32(it.throttleTimeMs)
  if (version >= 3) {
    const tags: TaggedField[] = []
    if (!sameValue(it.supportedFeatures, [])) tags.push([0, (writer) => writer.compactArray(it.supportedFeatures, (one) => writeSupportedFeatureKey(writer, one))])
    if (!sameValue(it.finalizedFeaturesEpoch, -1)) tags.push([1, (writer) => writer.int64(it.finalizedFeaturesEpoch)])
    if (!sameValue(it.finalizedFeatures, [])) tags.push([2, (writer) => writer.compactArray(it.finalizedFeatures, (one) => writeFinalizedFeatureKey(writer, one))])
    if (!sameValue(it.zkMigrationReady, false)) tags.push([3, (writer) => writer.boolean(it.zkMigrationReady)])
    writer.tags(tags)
  }
}

function readApiVersionsResponse(reader: WireReader, version: number): ApiVersionsResponse {
  const errorCode = reader.int16()
  const apiKeys = version >= 3 ? reader.compactArray(() => readApiVersion(reader, version)) : reader.array(() => readApiVersion(reader, version))
  const throttleTimeMs = version >= 1 ? reader.int32() : 0
  let supportedFeatures: readonly SupportedFeatureKey[] = []
  let finalizedFeaturesEpoch: number = -1
  let finalizedFeatures: readonly FinalizedFeatureKey[] = []
  let zkMigrationReady: boolean = false
  if (version >= 3) {
    reader.tags((tag) => {
      if (tag === 0) supportedFeatures = reader.compactArray(() => readSupportedFeatureKey(reader))
      else if (tag === 1) finalizedFeaturesEpoch = reader.int64()
      else if (tag === 2) finalizedFeatures = reader.compactArray(() => readFinalizedFeatureKey(reader))
      else if (tag === 3) zkMigrationReady = reader.boolean()
    })
  }
  return { errorCode, apiKeys, throttleTimeMs, supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady }
}

/** ApiVersions, versions 0, 3, 4. */
export const apiVersionsCodec: MessageCodec<ApiVersionsRequest, ApiVersionsResponse> = {
  name: 'ApiVersions',
  key: 18,
  versions: [0, 3, 4],
  flexibleSince: 3,
  writeRequest: writeApiVersionsRequest,
  readRequest: readApiVersionsRequest,
  writeResponse: writeApiVersionsResponse,
  readResponse: readApiVersionsResponse,
}
