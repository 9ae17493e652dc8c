import { deserialize, serialize } from 'node:v8'
import type { OperatorKind } from '@lightflus/api'
import type { OperatorSnapshot, StateSegment, SubtaskAddress, SubtaskSnapshot } from '@lightflus/engine'

/**
 * A subtask's snapshot as its file holds it: the state of each operator and of each key group is serialised by itself. So
 * whoever restores at another parallelism moves key groups between slots without reading the state in them: the
 * coordinator's thread never builds a tenant's objects, and a slot only its own.
 *
 * Inside of the file's envelope stand frames of zstd, one after the other, of these bytes; numbers are little endian:
 *
 *   4 bytes   `LFS2`
 *   4 bytes   length of the frame
 *             the frame, serialised: subtask, and its operators with what belongs to no key
 *   and until the end, for each part of a key group:
 *   2 bytes   number of the operator within the frame
 *   1 byte    key group
 *   1 byte    1: a block of it, of which there may be others; 0: the whole of it
 *   4 bytes   length of the part
 *             the part, serialised
 *
 * Parts come in the order of their copying, so that a file can be written while the rest is still to be copied. Files of
 * format 1 hold one serialised object, a `StoredSnapshot` of whole key groups; such a one cannot begin like these.
 */
export interface StoredSnapshot extends SubtaskAddress {
  readonly formatVersion: number
  readonly operators: readonly StoredOperator[]
}

export interface StoredOperator {
  readonly operator: string
  readonly kind: OperatorKind
  readonly subtask: Uint8Array
  /** Serialised whole, or in blocks. */
  readonly keyGroups: ReadonlyMap<number, Uint8Array | readonly Uint8Array[]>
  /** What it has in segments, oldest first; the reference to the snapshot says where those are stored. Absent: nothing. */
  readonly segments?: readonly SegmentName[]
}

export type SegmentName = Omit<StateSegment, 'path'>

type Frame = Omit<StoredSnapshot, 'operators'> & { readonly operators: readonly Omit<StoredOperator, 'keyGroups'>[] }

interface RecordHeader {
  readonly operator: number
  readonly keyGroup: number
  readonly isBlock: boolean
  readonly bytes: number
}

const magic = Buffer.from('LFS2')
const headerBytes = 8

/** The first bytes. @param serialized of what an operator has that belongs to no key */
export function frameOf(
  { formatVersion, chain, index, operators }: SubtaskSnapshot,
  serialized: (subtask: unknown, of: OperatorSnapshot) => Uint8Array,
): Uint8Array {
  const frame = serialize({
    formatVersion,
    chain,
    index,
    operators: operators.map((each) => ({
      operator: each.operator,
      kind: each.kind,
      subtask: serialized(each.subtask, each),
      ...(each.segments && { segments: each.segments.map(segmentName) }),
    })),
  } satisfies Frame)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(frame.byteLength)
  return Buffer.concat([magic, length, frame])
}

function segmentName({ name, bytes, keyGroups }: StateSegment): SegmentName {
  return { name, bytes, ...(keyGroups && { keyGroups }) }
}

export function recordHeader({ operator, keyGroup, isBlock, bytes }: RecordHeader): Uint8Array {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt16LE(operator)
  header.writeUInt8(keyGroup, 2)
  header.writeUInt8(isBlock ? 1 : 0, 3)
  header.writeUInt32LE(bytes, 4)
  return header
}

/** Reads both formats; the parts are views of the bytes. */
export function readStored(decompressed: Uint8Array): StoredSnapshot {
  const { buffer, byteOffset, byteLength } = decompressed
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  if (!bytes.subarray(0, magic.length).equals(magic)) return deserialize(bytes) as StoredSnapshot
  let at = magic.length + 4
  const frameEnd = at + bytes.readUInt32LE(magic.length)
  const frame = deserialize(bytes.subarray(at, frameEnd)) as Frame
  const groups = frame.operators.map(() => new Map<number, Uint8Array | Uint8Array[]>())
  for (at = frameEnd; at < bytes.byteLength;) {
    const from = at + headerBytes
    const end = from + bytes.readUInt32LE(at + 4)
    const ofOperator = groups[bytes.readUInt16LE(at)]
    const keyGroup = bytes.readUInt8(at + 2)
    const part = bytes.subarray(from, end)
    const present = ofOperator.get(keyGroup)
    if (bytes.readUInt8(at + 3) === 0) ofOperator.set(keyGroup, part)
    else if (Array.isArray(present)) present.push(part)
    else ofOperator.set(keyGroup, [part])
    at = end
  }
  return { ...frame, operators: frame.operators.map((each, i) => ({ ...each, keyGroups: groups[i] })) }
}
