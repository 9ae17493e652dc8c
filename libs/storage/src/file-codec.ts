import { createHash } from 'node:crypto'
import { LightflusError } from '@lightflus/api'

/**
 * The envelope of every file in checkpoint storage:
 *
 *   0  4 bytes   `LFLU`
 *   4  1 byte    version of this envelope and of what is in it
 *   5  1 byte    kind of file
 *   6  2 bytes   zero
 *   8 32 bytes   SHA-256 of all that follows
 *  40  8 bytes   length of the payload, little endian
 *  48            payload
 *
 * Every byte is either checked by value or covered by the checksum, so a file that is cut, extended, altered, or in
 * another one's place is told from one that is whole.
 */
export const fileFormatVersion = 1
export const headerBytes = 48

const magic = [0x4c, 0x46, 0x4c, 0x55] as const
const checksumAt = 8
const coveredFrom = 40

export const fileKinds = { entry: 1, manifest: 2, snapshot: 3, ingest: 4, segment: 5 } as const
export type FileKind = keyof typeof fileKinds

/** Where a file was read, for messages. */
export interface FilePlace {
  readonly path: string
  readonly location: string
}

export interface EncodedFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The checksum in the header, hex: what a manifest names the file by. */
  readonly sha256: string
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Hashes off the calling thread. */
async function digestOf(file: Uint8Array<ArrayBuffer>): Promise<Buffer> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', file.subarray(coveredFrom)))
}

/** Puts a payload into the envelope. */
export async function encodeFile(kind: FileKind, payload: Uint8Array): Promise<EncodedFile> {
  const bytes = emptyFile(kind, payload.byteLength)
  bytes.set(payload, headerBytes)
  return withChecksum(bytes, await digestOf(bytes))
}

/**
 * As {@link encodeFile} of pieces one after the other, for payloads that are too much to be copied at once.
 * @param pause lets others of the thread have their turn, after each piece
 */
export async function encodePieces(
  kind: FileKind,
  pieces: readonly Uint8Array[],
  pause: () => Promise<void>,
): Promise<EncodedFile> {
  const bytes = emptyFile(
    kind,
    pieces.reduce((sum, { byteLength }) => sum + byteLength, 0),
  )
  const hash = createHash('sha256').update(bytes.subarray(coveredFrom, headerBytes))
  let at = headerBytes
  for (const piece of pieces) {
    bytes.set(piece, at)
    hash.update(piece)
    at += piece.byteLength
    await pause()
  }
  return withChecksum(bytes, hash.digest())
}

/** All but the payload and the checksum. */
function emptyFile(kind: FileKind, payloadBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + payloadBytes)
  bytes.set(magic)
  bytes[4] = fileFormatVersion
  bytes[5] = fileKinds[kind]
  viewOf(bytes).setBigUint64(coveredFrom, BigInt(payloadBytes), true)
  return bytes
}

function withChecksum(bytes: Uint8Array<ArrayBuffer>, digest: Buffer): EncodedFile {
  bytes.set(digest, checksumAt)
  return { bytes, sha256: digest.toString('hex') }
}

/** The checksum in the header of a file that is whole, hex. */
export function statedChecksum(file: Uint8Array): string {
  return Buffer.from(file.subarray(checksumAt, coveredFrom)).toString('hex')
}

function damaged(place: FilePlace, reason: string): LightflusError {
  return new LightflusError('LF_CHECKPOINT_DAMAGED', `${place.path} in ${place.location} is damaged: ${reason}.`, {
    details: { path: place.path, reason },
  })
}

/** What to throw where the storage has no file that should be there. */
export function missingFile(place: FilePlace): LightflusError {
  return damaged(place, 'it is missing')
}

function assertHeader(kind: FileKind, bytes: Uint8Array, place: FilePlace): void {
  if (bytes.byteLength < headerBytes) throw damaged(place, 'it is shorter than its header')
  if (magic.some((byte, at) => bytes[at] !== byte)) throw damaged(place, 'it does not begin like a file of Lightflus')
  if (bytes[4] !== fileFormatVersion) {
    throw new LightflusError(
      'LF_CHECKPOINT_FORMAT',
      `${place.path} in ${place.location} has format ${bytes[4]}; this version reads format ${fileFormatVersion}.`,
      { details: { path: place.path, format: bytes[4] } },
    )
  }
  if (bytes[5] !== fileKinds[kind] || bytes[6] !== 0 || bytes[7] !== 0)
    throw damaged(place, `it is not of kind ${kind}`)
  const length = viewOf(bytes).getBigUint64(coveredFrom, true)
  if (length !== BigInt(bytes.byteLength - headerBytes)) throw damaged(place, 'its length is not what its header says')
}

/**
 * The payload of a file, as a view of it, after checking the whole.
 * @param sha256 what the manifest says of the file; absent: any whole file of the kind is right.
 * @throws LF_CHECKPOINT_DAMAGED, or LF_CHECKPOINT_FORMAT when the file is of another version.
 */
export async function decodeFile(
  kind: FileKind,
  file: Uint8Array,
  place: FilePlace,
  sha256?: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes: Uint8Array<ArrayBuffer> =
    file.buffer instanceof ArrayBuffer
      ? new Uint8Array(file.buffer, file.byteOffset, file.byteLength)
      : new Uint8Array(file)
  assertHeader(kind, bytes, place)
  const digest = (await digestOf(bytes)).toString('hex')
  if (digest !== statedChecksum(bytes)) throw damaged(place, 'its checksum does not match')
  if (sha256 !== undefined && digest !== sha256) throw damaged(place, 'it is not the file that the manifest names')
  return bytes.subarray(headerBytes)
}
