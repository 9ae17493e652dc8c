import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { isLightflusError, LightflusError, type OperatorKind } from '@lightflus/api'
import {
  snapshotFormatVersion,
  subtaskId,
  subtaskOfKeyGroup,
  type OperatorSnapshot,
  type SubtaskAddress,
  type SubtaskSnapshot,
} from '@lightflus/engine'
import { decodeFile, encodeFile, type EncodedFile, type FilePlace } from '@lightflus/storage'

/**
 * A subtask's snapshot as its file holds it: the state of each operator and of each key group is serialised by itself,
 * inside of a serialised frame. So whoever restores at another parallelism moves key groups between slots without
 * reading the state in them: the coordinator's thread never builds a tenant's objects, and a slot only its own.
 */
export interface StoredSnapshot extends SubtaskAddress {
  readonly formatVersion: number
  readonly operators: readonly StoredOperator[]
}

interface StoredOperator {
  readonly operator: string
  readonly kind: OperatorKind
  readonly subtask: Uint8Array
  readonly keyGroups: ReadonlyMap<number, Uint8Array>
}

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
/** The fastest: state compresses well, and a checkpoint's bytes are read once at most. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

function storedOperator(subtask: SubtaskAddress, snapshot: OperatorSnapshot): StoredOperator {
  try {
    return {
      operator: snapshot.operator,
      kind: snapshot.kind,
      subtask: serialize(snapshot.subtask),
      keyGroups: new Map(Array.from(snapshot.keyGroups, ([group, state]) => [group, serialize(state)])),
    }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new LightflusError(
      'LF_STATE_UNSUPPORTED',
      `Operator ${snapshot.operator} holds state that no checkpoint can hold: ${reason}`,
      { details: { operator: snapshot.operator, subtask: subtaskId(subtask) }, cause: thrown },
    )
  }
}

/**
 * Copies a snapshot out of live state; all that is left to do to its bytes can wait.
 * @throws LF_STATE_UNSUPPORTED
 */
export function serializeSnapshot({ formatVersion, chain, index, operators }: SubtaskSnapshot): Uint8Array {
  const subtask = { chain, index }
  const stored: StoredSnapshot = {
    formatVersion,
    ...subtask,
    operators: operators.map((each) => storedOperator(subtask, each)),
  }
  return serialize(stored)
}

/** Makes a file of a serialised snapshot. Compressed and hashed off the calling thread. */
export async function packSnapshot(serialized: Uint8Array): Promise<EncodedFile> {
  return encodeFile('snapshot', await compress(serialized, compression))
}

/**
 * The frame of a snapshot's file; what it holds stays serialised.
 * @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT
 */
export async function unpackSnapshot(file: Uint8Array, place: FilePlace, sha256: string): Promise<StoredSnapshot> {
  const payload = await decodeFile('snapshot', file, place, sha256)
  const stored = deserialize(await decompress(payload)) as StoredSnapshot
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
        keyGroups: new Map(Array.from(keyGroups, ([group, state]) => [group, deserialize(state) as unknown])),
      })),
    }))
  } catch (thrown) {
    if (isLightflusError(thrown)) throw thrown
    throw new LightflusError('LF_CHECKPOINT_DAMAGED', `State of the checkpoint cannot be read: ${String(thrown)}`, {
      cause: thrown,
    })
  }
}
