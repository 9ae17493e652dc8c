import type { SerializedError } from '@lightflus/api'
import type { IngestSegment } from '@lightflus/connectors'
import type { IngestPosition } from '@lightflus/storage'

/** What a slot asks of the logs of the job's endpoints, which lie where it may not read. */
export interface IngestQuestion {
  readonly type: 'ingestQuestion'
  readonly id: number
  readonly endpoint: string
  /** A segment's number, or where reading is to begin. */
  readonly what: number | { readonly begin: IngestPosition | 'oldest' | 'unread' }
}

export interface IngestAnswer {
  readonly type: 'ingestAnswer'
  readonly id: number
  /** Undefined: there is no such segment yet. */
  readonly found?: IngestSegment | IngestPosition
  readonly error?: SerializedError
}
