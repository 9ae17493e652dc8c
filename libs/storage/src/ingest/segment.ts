import { decodeFile, encodeFile, type FilePlace } from '../file-codec.ts'

/** How a request is known again: hashes of its key and of its body, in hex. */
export type RequestMark = readonly [key: string, body: string]

/** What is accepted together: a segment of the log, written once and never changed. */
export interface Segment {
  /** 1 and up, without gaps. */
  readonly number: number
  /** Made anew for each try: tells an own segment, written by a call that seemed to fail, from another's. */
  readonly writer: string
  /** When it was written, milliseconds since the epoch. */
  readonly at: number
  /** Bytes of all segments before it, also of those that are gone. */
  readonly bytesBefore: number
  /** Most that the log may hold, bytes of records, as its writer was told. */
  readonly bytesMax: number
  /** Requests with a key that it holds. */
  readonly marks: readonly RequestMark[]
  /** Marks of requests before it, oldest first, in every eighth segment: whoever opens the log need not read further back. */
  readonly window?: readonly RequestMark[]
  /** Where each record ends in `bytes`; they lie there in their order and without gaps. */
  readonly ends: Int32Array
  readonly bytes: Uint8Array
}

type Header = Omit<Segment, 'ends' | 'bytes'> & { readonly records: number }

const lengthBytes = 4

/** Header as JSON, ends of records as numbers of 32 bits, then the records; in the envelope of all files. */
export async function encodeSegment({ ends, bytes, ...facts }: Segment): Promise<Uint8Array> {
  const head = Buffer.from(JSON.stringify({ ...facts, records: ends.length } satisfies Header))
  const payload = Buffer.alloc(lengthBytes + head.byteLength + ends.byteLength + bytes.byteLength)
  payload.writeUInt32LE(head.byteLength)
  payload.set(head, lengthBytes)
  let at = lengthBytes + head.byteLength
  for (const end of ends) at = payload.writeInt32LE(end, at)
  payload.set(bytes, at)
  return (await encodeFile('ingest', payload)).bytes
}

/** @throws LF_CHECKPOINT_DAMAGED, LF_CHECKPOINT_FORMAT */
export async function decodeSegment(file: Uint8Array, place: FilePlace): Promise<Segment> {
  const payload = Buffer.from(await decodeFile('ingest', file, place))
  const headEnd = lengthBytes + payload.readUInt32LE()
  const { records, ...facts } = JSON.parse(payload.toString('utf8', lengthBytes, headEnd)) as Header
  const ends = Int32Array.from({ length: records }, (_, index) => payload.readInt32LE(headEnd + 4 * index))
  return { ...facts, ends, bytes: new Uint8Array(payload.subarray(headEnd + 4 * records)) }
}

/** Bytes that a segment counts for. */
export const sizeOf = ({ bytes, ends }: Pick<Segment, 'bytes' | 'ends'>): number => bytes.byteLength + ends.byteLength
