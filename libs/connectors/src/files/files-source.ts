import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, SourceBatch, SourcePartition, SourcePositions, SourceReader } from '@lightflus/engine'
import { CutFile } from './cut-file.ts'
import { isCompressed } from './decompressed-bytes.ts'
import { LaneLines } from './lane-lines.ts'
import { laneName, wholeFile, type Lane } from './lane.ts'
import { isFile, listFiles, ownerOf } from './list-files.ts'
import { schemaFields } from './schema-fields.ts'
import type { RecordFile, RecordPosition } from './record-file.ts'

export interface FilesSourceOptions {
  /** A file, a folder or a pattern. */
  readonly path: string
  readonly format: 'jsonl' | 'csv' | 'text' | 'parquet'
  /** Of Parquet alone; default: all. */
  readonly columns?: readonly string[]
}

/** What a checkpoint holds of a file, or of one lane of it. */
type StoredPosition = RecordPosition & Partial<Lane> & { readonly ended: boolean }

interface FilePartition {
  readonly name: string
  readonly path: string
  readonly lane: Lane
  position: StoredPosition
}

interface OpenFile {
  readonly partition: FilePartition
  readonly file: RecordFile
}

const startOf = (format: FilesSourceOptions['format']): RecordPosition =>
  format === 'parquet' ? { row: 0 } : { byte: 0, line: 1 }

/** Whether several readers can share a file: where its pieces begin shows without reading what is before them. */
const canBeShared = (path: string, format: FilesSourceOptions['format']): boolean =>
  format === 'parquet' || (format !== 'csv' && !isCompressed(path))

const otherFormat = (path: string): LightflusError =>
  new LightflusError('LF_FILES_CHANGED', `'${path}' was read in another format up to the checkpoint`, {
    details: { path },
  })

/**
 * Reads files to their ends, one after another; a partition is a file, its name the path. One file is open at a time.
 * Where the path is that of one file, the subtasks share it by lanes, each a partition; of these all are open at a time.
 */
export class FilesSource implements SourceReader {
  readonly bounded = true
  readonly #context: ConnectorContext<'source'>
  readonly #options: FilesSourceOptions
  readonly #partitions: FilePartition[] = []
  /** Read in turn. */
  #open: readonly OpenFile[] = []
  #turn = 0

  constructor(context: ConnectorContext<'source'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as FilesSourceOptions
  }

  async open(restored: SourcePositions | undefined): Promise<void> {
    const positions = new Map(Object.entries((restored ?? {}) as unknown as Readonly<Record<string, StoredPosition>>))
    const lanes = await this.#lanesOf(positions)
    if (lanes === 1) await this.#addWholeFiles(positions)
    else this.#addLanes(positions, lanes)
    await this.#openNext()
  }

  /** Into how many lanes the file is split: all subtasks come to the same number, whatever happens to the file meanwhile. */
  async #lanesOf(positions: ReadonlyMap<string, StoredPosition>): Promise<number> {
    const { path, format } = this.#options
    const [restored] = positions.values()
    if (restored) return restored.lanes ?? 1
    return canBeShared(path, format) && (await isFile(path)) ? this.#context.subtask.parallelism : 1
  }

  #addLanes(positions: ReadonlyMap<string, StoredPosition>, lanes: number): void {
    const { path, format } = this.#options
    const { index, parallelism } = this.#context.subtask
    for (let lane = index; lane < lanes; lane += parallelism) {
      const name = laneName(path, { lane, lanes })
      const position = positions.get(name) ?? { ...startOf(format), lane, lanes, ended: false }
      this.#partitions.push({ name, path, lane: { lane, lanes }, position })
    }
  }

  async #addWholeFiles(positions: ReadonlyMap<string, StoredPosition>): Promise<void> {
    const { index, parallelism } = this.#context.subtask
    const isOwn = (path: string): boolean => ownerOf(path, parallelism) === index
    const paths = new Set((await listFiles(this.#options.path)).filter(isOwn))
    for (const [path, { ended }] of positions)
      if (isOwn(path) && !ended && !paths.has(path))
        throw new LightflusError('LF_FILES_MISSING', `'${path}' is gone, but the checkpoint goes on in it`, {
          details: { path },
        })
    // What was read to its end may have been removed since; its position stays, so that it is not read again.
    for (const [path, { ended }] of positions) if (isOwn(path) && ended) paths.add(path)
    const start = { ...startOf(this.#options.format), ended: false }
    for (const path of [...paths].sort())
      this.#partitions.push({ name: path, path, lane: wholeFile, position: positions.get(path) ?? start })
  }

  /** The next file, or all lanes of the one that there is. */
  async #openNext(): Promise<void> {
    const left = this.#partitions.filter(({ position }) => !position.ended)
    const next = left.filter(({ path }) => path === left[0].path)
    const open: OpenFile[] = []
    this.#open = open
    for (const partition of next) open.push({ partition, file: await this.#fileAt(partition) })
  }

  async #fileAt({ path, position, lane }: FilePartition): Promise<RecordFile> {
    const { format, columns } = this.#options
    const fields = schemaFields(this.#context.operator.functions.schema)
    if (format === 'parquet') {
      if (!('row' in position)) throw otherFormat(path)
      const { ParquetFile } = await import('./parquet-file.ts')
      return ParquetFile.open(path, { columns, fields, wanted: this.#context.wanted?.() }, position.row, lane)
    }
    if (!('byte' in position)) throw otherFormat(path)
    if (lane.lanes > 1 && format !== 'csv') return new LaneLines(path, format, position, lane)
    return CutFile.open(path, format, position, this.#context.rejectRecord, fields)
  }

  poll(recordsMax: number): SourceBatch | undefined | Promise<SourceBatch | undefined> {
    for (let tried = 0; tried < this.#open.length; tried++) {
      const batch = this.#take(this.#open[this.#turn++ % this.#open.length], recordsMax)
      if (batch) return batch
    }
    return this.#readAndTake(recordsMax)
  }

  async #readAndTake(recordsMax: number): Promise<SourceBatch | undefined> {
    if (this.#open.length === 0) return undefined
    const open = this.#open[this.#turn++ % this.#open.length]
    const hasMore = await open.file.read()
    const batch = this.#take(open, recordsMax)
    if (!hasMore && !batch) await this.#endFile(open)
    // More is there without anything having to arrive: of this file, or of the next one.
    if (!batch && this.#open.length > 0) this.#context.wake()
    return batch
  }

  /** A batch of what is at hand of a file. */
  #take({ partition, file }: OpenFile, recordsMax: number): SourceBatch | undefined {
    const batch = file.take(recordsMax)
    partition.position = { ...partition.position, ...file.position() }
    return batch && { partition: partition.name, ...batch }
  }

  async #endFile(ended: OpenFile): Promise<void> {
    const { partition, file } = ended
    this.#open = this.#open.filter((open) => open !== ended)
    partition.position = { ...partition.position, ended: true }
    await file.close()
    if (this.#open.length === 0) await this.#openNext()
  }

  partitions(): readonly SourcePartition[] {
    return this.#partitions.map(({ name, position }) => ({
      name,
      ended: position.ended,
      caughtUp: position.ended,
    }))
  }

  positions(): SourcePositions {
    return Object.fromEntries(this.#partitions.map(({ name, position }) => [name, { ...position }]))
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = []
    for (const { file } of open) await file.close()
  }
}
