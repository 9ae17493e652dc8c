import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { zstdDecompress } from 'node:zlib'
import { isLightflusError, LightflusError } from '@lightflus/api'
import { joinBlocks, snapshotFormatVersion, subtaskOfKeyGroup, type SubtaskSnapshot } from '@lightflus/engine'
import { decodeFile, type FilePlace } from '@lightflus/storage'
import { readStored, type StoredSnapshot } from './snapshot-format.ts'

const decompress = promisify(zstdDecompress)

/**
 * The frame of a snapshot's file; what it holds stays serialised.
 * @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT
 */
export async function unpackSnapshot(file: Uint8Array, place: FilePlace, sha256: string): Promise<StoredSnapshot> {
  const payload = await decodeFile('snapshot', file, place, sha256)
  const stored = readStored(await decompress(payload))
  if (stored.formatVersion === snapshotFormatVersion) return stored
  throw new LightflusError(
    'LF_CHECKPOINT_FORMAT',
    `${place.path} in ${place.location} holds state of format ${stored.formatVersion}; this version reads format ${snapshotFormatVersion}.`,
    { details: { path: place.path, format: stored.formatVersion } },
  )
}

/**
 * What one slot needs of all snapshots: the key groups that it owns, and everything that belongs to no key; but of the output
 * that sinks have prepared only what falls to the slot.
 */
export function shareOfSlot(
  snapshots: readonly StoredSnapshot[],
  slot: { readonly index: number; readonly parallelism: number },
): Uint8Array<ArrayBuffer> {
  const owns = (group: number): boolean => subtaskOfKeyGroup(group, slot.parallelism) === slot.index
  const share = snapshots.map((snapshot): StoredSnapshot => ({
    ...snapshot,
    operators: snapshot.operators
      .filter(({ kind }) => kind !== 'sink' || snapshot.index % slot.parallelism === slot.index)
      .map((each) => ({
        ...each,
        keyGroups: new Map([...each.keyGroups].filter(([group]) => owns(group))),
      })),
  }))
  return serialize(share) as Uint8Array<ArrayBuffer>
}

/**
 * The share of a slot, in the slot: live state again.
 * @throws LF_CHECKPOINT_DAMAGED
 */
export function deserializeShare(share: Uint8Array): SubtaskSnapshot[] {
  try {
    return (deserialize(share) as StoredSnapshot[]).map(({ chain, index, operators }) => ({
      formatVersion: snapshotFormatVersion,
      chain,
      index,
      operators: operators.map(({ operator, kind, subtask, keyGroups }) => ({
        operator,
        kind,
        subtask: deserialize(subtask) as unknown,
        keyGroups: new Map(Array.from(keyGroups, ([group, state]) => [group, stateOf(state)])),
      })),
    }))
  } catch (thrown) {
    if (isLightflusError(thrown)) throw thrown
    throw new LightflusError('LF_CHECKPOINT_DAMAGED', `State of the checkpoint cannot be read: ${String(thrown)}`, {
      cause: thrown,
    })
  }
}

function stateOf(state: Uint8Array | readonly Uint8Array[]): unknown {
  return state instanceof Uint8Array
    ? deserialize(state)
    : joinBlocks(state.map((block) => deserialize(block) as unknown))
}
