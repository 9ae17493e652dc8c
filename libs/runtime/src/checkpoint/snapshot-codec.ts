import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { zstdDecompress } from 'node:zlib'
import { isLightflusError, LightflusError } from '@lightflus/api'
import {
  commonKeyGroups,
  joinBlocks,
  keyGroupsOfSubtask,
  snapshotFormatVersion,
  subtaskOfKeyGroup,
  type StateSegment,
  type SubtaskSnapshot,
} from '@lightflus/engine'
import { decodeFile, type FilePlace } from '@lightflus/storage'
import { readStored, type StoredOperator, type StoredSnapshot } from './snapshot-format.ts'

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

/** An operator's state in a slot's share: its segments are on the slot's disk. */
interface SharedOperator extends StoredOperator {
  readonly segments?: readonly StateSegment[]
}

interface SharedSnapshot extends StoredSnapshot {
  readonly operators: readonly SharedOperator[]
}

/**
 * What one slot needs of all snapshots: the key groups that it owns, and everything that belongs to no key; but of the output
 * that sinks have prepared only what falls to the slot.
 * @param paths of segments of state on this process's disk, by their names; default: there are none
 */
export function shareOfSlot(
  snapshots: readonly StoredSnapshot[],
  slot: { readonly index: number; readonly parallelism: number },
  paths: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const own = keyGroupsOfSubtask(slot.index, slot.parallelism)
  const owns = (group: number): boolean => subtaskOfKeyGroup(group, slot.parallelism) === slot.index
  const share = snapshots.map((snapshot): SharedSnapshot => {
    const left = keyGroupsOfSubtask(snapshot.index, subtasksOfChain(snapshots, snapshot.chain))
    const takesFrom = commonKeyGroups(left, own) !== undefined
    return {
      ...snapshot,
      operators: snapshot.operators
        .filter(({ kind }) => kind !== 'sink' || snapshot.index % slot.parallelism === slot.index)
        .map(({ segments, ...each }) => ({
          ...each,
          keyGroups: new Map([...each.keyGroups].filter(([group]) => owns(group))),
          ...(segments && takesFrom && { segments: segments.map((of) => ({ ...of, path: paths.get(of.name)! })) }),
        })),
    }
  })
  return serialize(share) as Uint8Array<ArrayBuffer>
}

function subtasksOfChain(snapshots: readonly StoredSnapshot[], chain: string): number {
  return snapshots.reduce((most, each) => (each.chain === chain ? Math.max(most, each.index + 1) : most), 1)
}

/**
 * The share of a slot, in the slot: live state again.
 * @throws LF_CHECKPOINT_DAMAGED
 */
export function deserializeShare(share: Uint8Array): SubtaskSnapshot[] {
  try {
    return (deserialize(share) as SharedSnapshot[]).map(({ chain, index, operators }) => ({
      formatVersion: snapshotFormatVersion,
      chain,
      index,
      operators: operators.map(({ operator, kind, subtask, keyGroups, segments }) => ({
        operator,
        kind,
        subtask: deserialize(subtask) as unknown,
        keyGroups: new Map(Array.from(keyGroups, ([group, state]) => [group, stateOf(state)])),
        ...(segments && { segments }),
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
