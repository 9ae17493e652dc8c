import type { ErrorCode } from '@lightflus/api'

/** The HTTP status of what receiving records may end with, wherever they are received. */
export const ingestStatus: { readonly [Code in ErrorCode]?: number } = {
  LF_REQUEST_INVALID: 400,
  LF_INGEST_ENDPOINT_UNKNOWN: 404,
  LF_INGEST_ENDED: 409,
  LF_INGEST_TOO_LARGE: 413,
  LF_INGEST_MEDIA_TYPE: 415,
  LF_INGEST_RECORDS: 422,
  LF_IDEMPOTENCY_MISMATCH: 422,
  LF_INGEST_UNAVAILABLE: 501,
  LF_INGEST_FULL: 503,
  // Nobody knows whether the records are there: the sender is to try again.
  LF_STORAGE_FULL: 503,
  LF_STORAGE_DENIED: 503,
  LF_STORAGE_MISSING: 503,
  LF_STORAGE_UNREACHABLE: 503,
  LF_STORAGE_UNSUPPORTED: 503,
  LF_STORAGE_FAILED: 503,
  LF_CHECKPOINT_DAMAGED: 503,
  LF_CHECKPOINT_FORMAT: 503,
}
