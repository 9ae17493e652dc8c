import { LightflusError } from '@lightflus/api'
import type { ConnectorContext, SourceBatch, SourcePartition, SourcePositions, SourceReader } from '@lightflus/engine'
import { FileBytes } from './file-bytes.ts'
import type { FileCutter, FilePosition } from './file-cutter.ts'
import { LineCutter } from './line-cutter.ts'
import { listFiles, ownerOf } from './list-files.ts'

export interface FilesSourceOptions {
  /** A file, a folder or a pattern. */
  readonly path: string
  readonly format: 'jsonl' | 'csv' | 'text'
}

/** What a checkpoint holds of a file. */
interface StoredPosition extends FilePosition {
  readonly ended: boolean
}

interface FilePartition {
  readonly path: string
  position: StoredPosition
}

const fileStart: StoredPosition = { byte: 0, line: 1, ended: false }

/** Reads files to their ends, one after another; a partition is a file, its name the path. One file is open at a time. */
export class FilesSource implements SourceReader {
  readonly bounded = true
  readonly #context: ConnectorContext<'source'>
  readonly #options: FilesSourceOptions
  readonly #partitions: FilePartition[] = []
  #current: { readonly partition: FilePartition; readonly bytes: FileBytes; readonly cutter: FileCutter } | undefined

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
    for (const path of [...paths].sort()) this.#partitions.push({ path, position: positions.get(path) ?? fileStart })
    const [first] = this.#partitions.filter(({ position }) => !position.ended)
    if (first) await this.#openFile(first)
  }

  async #openFile(partition: FilePartition): Promise<void> {
    const { path, position } = partition
    if (this.#options.format === 'csv') {
      const { CsvCutter, readCsvHeader } = await import('./csv-cutter.ts')
      const header = await this.#withFile(path, 0, readCsvHeader)
      const from = position.byte === 0 ? header.end : position
      const cutter = new CsvCutter(path, header, from, this.#context.rejectRecord)
      this.#current = { partition, bytes: await FileBytes.open(path, from.byte), cutter }
    } else {
      const cutter = new LineCutter(path, position, this.#options.format === 'jsonl')
      this.#current = { partition, bytes: await FileBytes.open(path, position.byte), cutter }
    }
  }

  async #withFile<T>(path: string, position: number, use: (file: FileBytes) => Promise<T>): Promise<T> {
    const file = await FileBytes.open(path, position)
    try {
      return await use(file)
    } finally {
      await file.close()
    }
  }

  poll(recordsMax: number): SourceBatch | undefined | Promise<SourceBatch | undefined> {
    return this.#take(recordsMax) ?? this.#readAndTake(recordsMax)
  }

  async #readAndTake(recordsMax: number): Promise<SourceBatch | undefined> {
    const current = this.#current
    if (!current) return undefined
    const chunk = await current.bytes.read()
    if (chunk) current.cutter.feed(chunk)
    else current.cutter.end()
    const batch = this.#take(recordsMax)
    if (!chunk && !batch) await this.#endFile()
    return batch
  }

  /** A batch of what the current file's cutter has at hand. */
  #take(recordsMax: number): SourceBatch | undefined {
    const current = this.#current
    if (!current) return undefined
    const payloads: unknown[] = []
    const positions: number[] = []
    let bytes = 0
    while (payloads.length < recordsMax) {
      const record = current.cutter.next()
      if (!record) break
      payloads.push(record.payload)
      positions.push(record.line)
      bytes += record.bytes
    }
    const { partition, cutter } = current
    partition.position = { ...cutter.position(), ended: false }
    return payloads.length === 0 ? undefined : { partition: partition.path, payloads, positions, bytes }
  }

  async #endFile(): Promise<void> {
    const { partition, bytes } = this.#current!
    this.#current = undefined
    partition.position = { ...partition.position, ended: true }
    await bytes.close()
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
    await this.#current?.bytes.close()
    this.#current = undefined
  }
}
