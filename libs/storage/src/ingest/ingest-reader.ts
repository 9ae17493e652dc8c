import { LightflusError } from '@lightflus/api'
import type { CheckpointStorage } from '../checkpoint-storage.ts'
import { readFloor, writeFloor, type Floor } from './ingest-floor.ts'
import { floorsPrefix, numberOf, segmentPath, segmentsPrefix } from './ingest-layout.ts'
import { segmentsPerWindow } from './ingest-writer.ts'
import { decodeSegment, type Segment } from './segment.ts'

/** Segments that always stay: with them lie the marks of the requests before (see Segment.window). */
export const segmentsKeptMin = 2 * segmentsPerWindow

/** A place in the log: a segment, and how many of its records have been read. */
export interface IngestPosition {
  readonly segment: number
  readonly record: number
}

export interface IngestPlace {
  readonly storage: CheckpointStorage
  readonly job: string
  readonly endpoint: string
}

/** What of a log may have to be read again. */
export interface IngestNeed {
  /** The first segment that a checkpoint or savepoint that is kept would read. */
  readonly kept: number
  /** The first that a job needs to go on by itself: savepoints that users own do not count. */
  readonly goingOn: number
}

/** @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT and what the storage throws */
export async function readSegment({ storage, endpoint }: IngestPlace, number: number): Promise<Segment | undefined> {
  const path = segmentPath(endpoint, number)
  const file = await storage.get(path)
  return file && decodeSegment(file, { path, location: storage.location })
}

/**
 * Where reading begins.
 * @param from where a checkpoint says; absent: with the oldest that there is
 * @throws LF_INGEST_GONE where that has been let go of
 */
export async function beginIngest(place: IngestPlace, from: IngestPosition | undefined): Promise<IngestPosition> {
  const { storage, job, endpoint } = place
  const { segment } = await readFloor(storage, endpoint)
  if (from === undefined) return { segment, record: 0 }
  if (from.segment >= segment) return from
  throw new LightflusError(
    'LF_INGEST_GONE',
    `Job ${job} was to read on from segment ${from.segment} of endpoint ${endpoint}, but the log begins with segment ${segment}.`,
    { details: { job, endpoint, segment: from.segment, oldest: segment } },
  )
}

/**
 * Deletes segments that nothing needs. A log that is more than half full also lets go of what only savepoints need: they
 * can then no longer be gone back to, but records are still taken.
 * @returns the first segment that is left
 * @throws what the storage throws; then called again later
 */
export async function letGoOfIngest(place: IngestPlace, need: IngestNeed): Promise<number> {
  const { storage, endpoint } = place
  const before = await readFloor(storage, endpoint)
  const numbers = (await storage.list(segmentsPrefix(endpoint))).map(numberOf)
  const newest = numbers.at(-1) ?? 0
  const floor = await nextFloor(place, { before, newest, need })
  if (floor.segment > before.segment) await writeFloor(storage, endpoint, floor)
  // In rising order, so that what is left has no gaps.
  for (const number of numbers) if (number < floor.segment) await storage.delete(segmentPath(endpoint, number))
  for (const path of await storage.list(floorsPrefix(endpoint)))
    if (numberOf(path) < floor.segment) await storage.delete(path)
  return floor.segment
}

async function nextFloor(
  place: IngestPlace,
  { before, newest, need }: { readonly before: Floor; readonly newest: number; readonly need: IngestNeed },
): Promise<Floor> {
  const last = newest - segmentsKeptMin + 1
  const floorAt = async (wanted: number): Promise<Floor> => {
    const number = Math.min(wanted, last)
    const segment = number > before.segment ? await readSegment(place, number) : undefined
    return segment ? { segment: number, bytesBefore: segment.bytesBefore } : before
  }
  const floor = await floorAt(need.kept)
  // Where nothing more could go, nothing is read.
  if (Math.min(need.goingOn, last) <= floor.segment) return floor
  const end = await readSegment(place, newest)
  const isHalfFull = end !== undefined && end.bytesBefore - floor.bytesBefore > end.bytesMax / 2
  return isHalfFull ? floorAt(need.goingOn) : floor
}
