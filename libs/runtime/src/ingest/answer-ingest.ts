import { toLightflusError } from '@lightflus/api'
import type { IngestSegment } from '@lightflus/connectors'
import {
  beginIngest,
  readLog,
  readSegment,
  type CheckpointStorage,
  type IngestPlace,
  type IngestPosition,
} from '@lightflus/storage'
import type { IngestAnswer, IngestQuestion } from './ingest-messages.ts'

/** The coordinator's side: reads what a slot asks for. Never rejects. */
export async function answerIngest(
  { storage, job }: { readonly storage: CheckpointStorage; readonly job: string },
  { id, endpoint, what }: IngestQuestion,
): Promise<IngestAnswer> {
  const place: IngestPlace = { storage, job, endpoint }
  try {
    const found = typeof what === 'number' ? await segmentOf(place, what) : await begin(place, what.begin)
    return { type: 'ingestAnswer', id, ...(found && { found }) }
  } catch (thrown) {
    const doing = `Reading the log of endpoint ${endpoint} of job ${job} failed: ${String(thrown)}`
    return { type: 'ingestAnswer', id, error: toLightflusError(thrown, 'LF_STORAGE_FAILED', doing).toJSON() }
  }
}

async function segmentOf(place: IngestPlace, number: number): Promise<IngestSegment | undefined> {
  const segment = await readSegment(place, number)
  return segment && { at: segment.at, bytes: segment.bytes, ends: segment.ends }
}

async function begin(place: IngestPlace, from: IngestPosition | 'oldest' | 'unread'): Promise<IngestPosition> {
  if (typeof from === 'object') return beginIngest(place, from)
  // A start that leaves all state behind still reads no record that the one before it has answered for.
  const newest = from === 'unread' ? (await readLog(place.storage)).checkpoints.at(-1) : undefined
  return beginIngest(place, newest?.ingested?.[place.endpoint])
}
