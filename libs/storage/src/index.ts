export type { CheckpointStorage } from './checkpoint-storage.ts'
export { memoryStorage } from './memory-storage.ts'
export { folderStorage } from './folder-storage.ts'
export { s3Storage, type S3StorageOptions } from './s3/s3-storage.ts'
export type { S3Credentials, S3Limits } from './s3/s3-client.ts'
export {
  formatStorageLocation,
  locationBelow,
  openStorage,
  parseStorageLocation,
  removeStorage,
  type S3Location,
  type StorageLocation,
} from './storage-location.ts'
export {
  decodeFile,
  encodeFile,
  encodePieces,
  missingFile,
  statedChecksum,
  type EncodedFile,
  type FileKind,
  type FilePlace,
} from './file-codec.ts'
export { checkpointFolder, folderOf, segmentFolder, segmentOf } from './storage-layout.ts'
export {
  checkpointsUnloggedMax,
  claimJob,
  JobHolder,
  readLog,
  type ChosenCheckpoint,
  type ClaimOptions,
  type JobLog,
} from './job-log.ts'
export {
  isUncommitted,
  repeatingSinks,
  restorable,
  type FileName,
  type LoggedCheckpoint,
  type LogState,
} from './log-entry.ts'
export { IngestWriter, type Accepted } from './ingest/ingest-writer.ts'
export { beginIngest, readSegment, type IngestPlace, type IngestPosition } from './ingest/ingest-reader.ts'
