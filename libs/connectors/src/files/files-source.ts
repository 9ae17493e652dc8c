import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, SourceBatch, SourcePartition, SourcePositions, SourceReader } from '@lightflus/engine'
import { CutFile } from './cut-file.ts'
import { listFiles, ownerOf } from './list-files.ts'
import type { RecordFile, RecordPosition } from './record-file.ts'

export interface FilesSourceOptions {
  /** A file, a folder or a pattern. */
  readonly path: string
  readonly format: 'jsonl' | 'csv' | 'text' | 'parquet'
  /** Of Parquet alone; default: all. */
  readonly columns?: readonly string[]
}

/** What a checkpoint holds of a file. */
type StoredPosition = RecordPosition & { readonly ended: boolean }

interface FilePartition {
  readonly path: string
  position: StoredPosition
}

const startOf = (format: FilesSourceOptions['format']): StoredPosition =>
  format === 'parquet' ? { row: 0, ended: false } : { byte: 0, line: 1, ended: false }

const otherFormat = (path: string): LightflusError =>
  new LightflusError('LF_FILES_CHANGED', `'${path}' was read in another format up to the checkpoint`, {
    details: { path },
  })

/** Reads files to their ends, one after another; a partition is a file, its name the path. One file is open at a time. */
export class FilesSource implements SourceReader {
  readonly bounded = true
  readonly #context: ConnectorContext<'source'>
  readonly #options: FilesSourceOptions
  readonly #partitions: FilePartition[] = []
  #current: { readonly partition: FilePartition; readonly file: RecordFile } | undefined

  constructor(context: ConnectorContext<'source'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as FilesSourceOptions
  }

  async open(restored: SourcePositions | undefined): Promise<void> {
    const { index, parallelism } = this.#context.subtask
    const isOwn = (path: string): boolean => ownerOf(path, parallelism) === index
    const positions = new Map(Object.entries((restored ?? {}) as unknown as Readonly<Record<string, StoredPosition>>))
    const paths = new Set((await listFiles(this.#options.path)).filter(isOwn))
    for (const [path, { ended }] of positions)
      if (isOwn(path) && !ended && !paths.has(path))
        throw new LightflusError('LF_FILES_MISSING', `'${path}' is gone, but the checkpoint goes on in it`, {
          details: { path },
        })
    // What was read to its end may have been removed since; its position stays, so that it is not read again.
    for (const [path, { ended }] of positions) if (isOwn(path) && ended) paths.add(path)
    const start = startOf(this.#options.format)
    for (const path of [...paths].sort()) this.#partitions.push({ path, position: positions.get(path) ?? start })
    const [first] = this.#partitions.filter(({ position }) => !position.ended)
    if (first) await this.#openFile(first)
  }

  async #openFile(partition: FilePartition): Promise<void> {
    this.#current = { partition, file: await this.#fileAt(partition) }
  }

  async #fileAt({ path, position }: FilePartition): Promise<RecordFile> {
    const { format, columns } = this.#options
    if (format === 'parquet') {
      if (!('row' in position)) throw otherFormat(path)
      const { ParquetFile } = await import('./parquet-file.ts')
      return ParquetFile.open(path, columns, position.row)
    }
    if (!('byte' in position)) throw otherFormat(path)
    return CutFile.open(path, format, position, this.#context.rejectRecord)
  }

  poll(recordsMax: number): SourceBatch | undefined | Promise<SourceBatch | undefined> {
    return this.#take(recordsMax) ?? this.#readAndTake(recordsMax)
  }

  async #readAndTake(recordsMax: number): Promise<SourceBatch | undefined> {
    const current = this.#current
    if (!current) return undefined
    const hasMore = await current.file.read()
    const batch = this.#take(recordsMax)
    if (!hasMore && !batch) await this.#endFile()
    // More is there without anything having to arrive: of this file, or of the next one.
    if (!batch && this.#current) this.#context.wake()
    return batch
  }

  /** A batch of what the current file has at hand. */
  #take(recordsMax: number): SourceBatch | undefined {
    const current = this.#current
    if (!current) return undefined
    const { partition, file } = current
    const batch = file.take(recordsMax)
    partition.position = { ...file.position(), ended: false }
    return batch && { partition: partition.path, ...batch }
  }

  async #endFile(): Promise<void> {
    const { partition, file } = this.#current!
    this.#current = undefined
    partition.position = { ...partition.position, ended: true }
    await file.close()
    const [next] = this.#partitions.filter(({ position }) => !position.ended)
    if (next) await this.#openFile(next)
  }

  partitions(): readonly SourcePartition[] {
    return this.#partitions.map(({ path, position }) => ({
      name: path,
      ended: position.ended,
      caughtUp: position.ended,
    }))
  }

  positions(): SourcePositions {
    return Object.fromEntries(this.#partitions.map(({ path, position }) => [path, { ...position }]))
  }

  async close(): Promise<void> {
    await this.#current?.file.close()
    this.#current = undefined
  }
}
