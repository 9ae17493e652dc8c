import { stat } from 'node:fs/promises'
import type { CutRecords, FilePosition } from './file-cutter.ts'
import { FileBytes } from './file-bytes.ts'
import { readError } from './file-errors.ts'
import type { Lane } from './lane.ts'
import { LineCutter } from './line-cutter.ts'
import type { RecordFile } from './record-file.ts'

/** Bytes of a file that one lane reads before it goes on behind what the others read. */
export const blockBytesDefault = 8 * 1024 * 1024

interface Block {
  readonly bytes: FileBytes
  readonly cutter: LineCutter
  /** Where the next one begins. */
  readonly end: number
}

/**
 * The lines of an uncompressed file that begin in the blocks of a lane. A record is told by the byte at which it begins:
 * nobody knows the numbers of lines whose predecessors others read.
 */
export class LaneLines implements RecordFile {
  readonly #path: string
  readonly #isJson: boolean
  readonly #lane: Lane
  readonly #blockBytes: number
  /** Where the next line begins, or the block in which it will be looked for. */
  #byte: number
  #block: Block | undefined

  /** @param from a position of this class, or the file's beginning */
  constructor(
    path: string,
    format: 'jsonl' | 'text',
    from: FilePosition,
    lane: Lane,
    blockBytes: number = blockBytesDefault,
  ) {
    this.#path = path
    this.#isJson = format === 'jsonl'
    this.#lane = lane
    this.#blockBytes = blockBytes
    this.#byte = from.byte === 0 ? lane.lane * blockBytes : from.byte
  }

  async read(): Promise<boolean> {
    this.#block ??= await this.#openBlock()
    if (this.#block === undefined) return false
    const { bytes, cutter } = this.#block
    return cutter.fill((buffer) => bytes.readInto(buffer))
  }

  /** Undefined behind the file's end. @throws LF_FILES_MISSING, LF_FILES_UNREADABLE, LF_FILES_CHANGED */
  async #openBlock(): Promise<Block | undefined> {
    const start = this.#byte
    // In the midst of a block there was something once: opening finds out whether it still is.
    const isAtBlock = start % this.#blockBytes === 0
    if (isAtBlock && start >= (await this.#size())) return undefined
    const end = (Math.floor(start / this.#blockBytes) + 1) * this.#blockBytes
    // Whose line it is that the block's first bytes belong to, the byte before tells.
    const looksBack = start > 0 && isAtBlock
    const byte = looksBack ? start - 1 : start
    const bytes = await FileBytes.open(this.#path, byte)
    const bounds = { until: end, skipsFirst: looksBack, numbers: 'bytes' } as const
    return { bytes, end, cutter: new LineCutter(this.#path, { byte, line: 1 }, this.#isJson, bounds) }
  }

  async #size(): Promise<number> {
    try {
      return (await stat(this.#path)).size
    } catch (thrown) {
      throw readError(this.#path, thrown)
    }
  }

  take(recordsMax: number): CutRecords | undefined {
    const block = this.#block
    if (block === undefined) return undefined
    const records = block.cutter.take(recordsMax)
    this.#byte = Math.max(this.#byte, block.cutter.position().byte)
    if (this.#byte >= block.end) this.#endBlock(block)
    return records
  }

  #endBlock({ bytes, end }: Block): void {
    const { lane, lanes } = this.#lane
    const blocksRead = Math.floor(this.#byte / this.#blockBytes)
    // A long line may have gone on through blocks of this lane: nothing begins in them.
    const next = lane + lanes * Math.ceil((Math.max(blocksRead, end / this.#blockBytes) - lane) / lanes)
    this.#byte = next * this.#blockBytes
    this.#block = undefined
    // Nothing was written to it that could get lost.
    bytes.close().catch(() => undefined)
  }

  position(): FilePosition {
    return { byte: this.#byte, line: 1 }
  }

  async close(): Promise<void> {
    await this.#block?.bytes.close()
    this.#block = undefined
  }
}
