import type { CheckpointStorage } from '../checkpoint-storage.ts'
import { decodeFile, encodeFile } from '../file-codec.ts'
import { floorPath, floorsPrefix, numberOf } from './ingest-layout.ts'

/** Segments below the floor are gone, or about to be. */
export interface Floor {
  readonly segment: number
  /** Bytes of all segments below it. */
  readonly bytesBefore: number
}

export const lowestFloor: Floor = { segment: 1, bytesBefore: 0 }

/**
 * The floor of an endpoint's log. It is written before anything below it is deleted, and of several the highest counts:
 * a coordinator that is no longer in charge can raise none that is there.
 * @param known what was read before: spares reading the file again where it still stands
 * @throws what the storage throws
 */
export async function readFloor(storage: CheckpointStorage, endpoint: string, known = lowestFloor): Promise<Floor> {
  const newest = (await storage.list(floorsPrefix(endpoint))).at(-1)
  if (newest === undefined || numberOf(newest) <= known.segment) return known
  const file = await storage.get(newest)
  // A higher one took its place meanwhile.
  if (!file) return readFloor(storage, endpoint, known)
  const payload = await decodeFile('ingest', file, { path: newest, location: storage.location })
  return JSON.parse(Buffer.from(payload).toString()) as Floor
}

export async function writeFloor(storage: CheckpointStorage, endpoint: string, floor: Floor): Promise<void> {
  const { bytes } = await encodeFile('ingest', Buffer.from(JSON.stringify(floor)))
  await storage.createIfAbsent(floorPath(endpoint, floor.segment), bytes)
}
