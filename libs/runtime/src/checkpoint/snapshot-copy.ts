import { promisify } from 'node:util'
import { serialize } from 'node:v8'
import { constants, zstdCompress } from 'node:zlib'
import { LightflusError } from '@lightflus/api'
import { subtaskId, type FrozenState, type OperatorSnapshot, type SubtaskSnapshot } from '@lightflus/engine'
import { encodePieces, type EncodedFile } from '@lightflus/storage'
import { frameOf, recordHeader } from './snapshot-format.ts'

const compress = promisify(zstdCompress)
/** The fastest: state compresses well, and a checkpoint's bytes are read once at most. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** What is compressed at once. */
const pieceBytes = 1 << 20
/** Pieces that may wait for their compression before no more is copied. */
const waitingMax = 8
/** Entries between two looks at the clock. */
const entriesAtOnce = 64

/**
 * A subtask's snapshot on its way out of live state into a file. What is not frozen is copied when this is made, the rest
 * by `advance`; all is compressed off the calling thread, a piece at a time, while the copying goes on.
 */
export class SnapshotCopy {
  readonly #subtask: string
  readonly #frozen: FrozenState[] = []
  #raw: Uint8Array[] = []
  #rawBytes = 0
  readonly #pieces: Promise<Uint8Array>[] = []
  #waiting = 0
  #packedBytes = 0
  #failure: { readonly thrown: unknown } | undefined

  /** @throws LF_STATE_UNSUPPORTED */
  constructor(snapshot: SubtaskSnapshot) {
    this.#subtask = subtaskId(snapshot)
    try {
      this.#add(frameOf(snapshot, (value, { operator }) => this.#serialized(operator, value)))
      snapshot.operators.forEach((each, index) => this.#begin(each, index))
      this.#assertWell()
    } catch (thrown) {
      this.release()
      throw thrown
    }
  }

  /** Memory that it takes beside the state, bytes. */
  get bytes(): number {
    return this.#frozen.reduce((sum, { bytes }) => sum + bytes, this.#rawBytes + this.#packedBytes)
  }

  /** It takes no more before some of what it has is compressed: see {@link compressed}. */
  get isFull(): boolean {
    return this.#waiting >= waitingMax
  }

  /**
   * Copies for about so long, while the subtask's operators do not run. @param elapsed milliseconds of a clock
   * @returns whether there is more to copy.
   * @throws LF_STATE_UNSUPPORTED, also of what operators have written out themselves meanwhile.
   */
  advance(msMax: number, elapsed: () => number): boolean {
    const until = elapsed() + msMax
    while (this.#frozen.length > 0 && !this.#failure && !this.isFull) {
      if (!this.#frozen[0].advance(entriesAtOnce)) this.#frozen.shift()
      if (elapsed() >= until) break
    }
    this.#assertWell()
    return this.#frozen.length > 0
  }

  /** All that is left, at once. */
  finish(): void {
    for (const frozen of this.#frozen) while (frozen.advance(Infinity));
    this.#frozen.length = 0
    this.#assertWell()
  }

  /** Copies no more, and lets go of everything. */
  release(): void {
    for (const frozen of this.#frozen) frozen.release()
    this.#frozen.length = 0
    this.#raw = []
    this.#rawBytes = 0
    this.#pieces.length = 0
    this.#packedBytes = 0
  }

  /** All that waited for its compression. */
  async compressed(): Promise<void> {
    await Promise.all(this.#pieces)
  }

  /** Once nothing is left to copy. @param pause lets others of the thread have their turn */
  async file(pause: () => Promise<void>): Promise<EncodedFile> {
    this.#assertWell()
    this.#pack()
    return encodePieces('snapshot', await Promise.all(this.#pieces), pause)
  }

  #assertWell(): void {
    if (!this.#failure) return
    this.release()
    throw this.#failure.thrown
  }

  #begin({ operator, keyGroups, frozen }: OperatorSnapshot, index: number): void {
    for (const [keyGroup, state] of keyGroups) this.#write(index, keyGroup, false, this.#serialized(operator, state))
    frozen?.begin((keyGroup, block) => {
      if (this.#failure) return
      try {
        this.#write(index, keyGroup, true, this.#serialized(operator, block))
      } catch (thrown) {
        // It may be the operator that writes: its records are not to be blamed.
        this.#failure = { thrown }
      }
    })
    if (frozen) this.#frozen.push(frozen)
  }

  #serialized(operator: string, state: unknown): Uint8Array {
    try {
      return serialize(state)
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      throw new LightflusError(
        'LF_STATE_UNSUPPORTED',
        `Operator ${operator} holds state that no checkpoint can hold: ${reason}`,
        { details: { operator, subtask: this.#subtask }, cause: thrown },
      )
    }
  }

  #write(operator: number, keyGroup: number, isBlock: boolean, bytes: Uint8Array): void {
    this.#add(recordHeader({ operator, keyGroup, isBlock, bytes: bytes.byteLength }))
    this.#add(bytes)
  }

  #add(bytes: Uint8Array): void {
    this.#raw.push(bytes)
    this.#rawBytes += bytes.byteLength
    if (this.#rawBytes >= pieceBytes) this.#pack()
  }

  #pack(): void {
    if (this.#rawBytes === 0) return
    const raw = Buffer.concat(this.#raw, this.#rawBytes)
    this.#raw = []
    this.#rawBytes = 0
    this.#waiting++
    const piece = compress(raw, compression).then((packed) => {
      this.#waiting--
      this.#packedBytes += packed.byteLength
      return packed
    })
    // Whoever waits for the file is told.
    piece.catch(() => undefined)
    this.#pieces.push(piece)
  }
}

/** A snapshot's file, made without a break. */
export async function packSnapshot(snapshot: SubtaskSnapshot): Promise<EncodedFile> {
  const copy = new SnapshotCopy(snapshot)
  copy.finish()
  return copy.file(() => Promise.resolve())
}
