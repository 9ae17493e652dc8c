import { statSync } from 'node:fs'
import { extname } from 'node:path'
import type { ConnectorContext, EncodedRecords, SinkCommits, SinkWriter } from '@lightflus/engine'
import { BatchWriter } from '../batch-writer.ts'
import { exactlyOnce, type Delivery } from '../staging/delivery.ts'
import { FileBytes } from './file-bytes.ts'
import { FileCommits } from './file-commits.ts'
import { FolderFiles, folderOf } from './folder-files.ts'
import { openFile, standardOutput, type LineTarget } from './line-target.ts'
import { PartFiles } from './part-files.ts'
import { CsvRows, jsonLine, type RowText } from './row-text.ts'

export interface FilesSinkOptions {
  /** The file to append to, or after which parts are named; `-` is standard output. */
  readonly path: string
  readonly format: 'jsonl' | 'csv'
  /** Null or absent: exactly once where checkpoints survive the loss of the process, and the path may be that of a file. */
  readonly delivery?: Delivery | null
}

const batchLinesMax = 4_096
const batchBytesMax = 1024 * 1024

interface Lines {
  /** Below that of the path; empty where all lines go to one file. */
  readonly folder: string
  readonly text: string | Buffer
}

/**
 * Writes a line a record: appends it to a file, or, exactly once, to a part that takes its name when its checkpoint exists. A
 * subtask has files of its own, so lines never mix.
 */
export class FilesSink implements SinkWriter {
  readonly encodes?: string
  readonly commits?: SinkCommits
  readonly #context: ConnectorContext<'sink'>
  readonly #options: FilesSinkOptions
  readonly #row: (value: unknown) => unknown
  readonly #folder: ((value: unknown) => unknown) | undefined
  readonly #writer: BatchWriter<Lines>
  readonly #parts: PartFiles | undefined
  #target: LineTarget | FolderFiles | undefined
  #lineOf: RowText = jsonLine
  #bytes = 0

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as FilesSinkOptions
    this.#row = context.operator.functions['row'] ?? ((value) => value)
    this.#folder = context.operator.functions['folder']
    if (this.#options.format === 'jsonl' && !this.#folder) this.encodes = 'row'
    this.#writer = new BatchWriter({
      itemsMax: batchLinesMax,
      bytesMax: batchBytesMax,
      send: (lines) => this.#append(lines),
    })
    const { path, delivery } = this.#options
    const checkpoints = delivery == null && isSpecial(path) ? undefined : exactlyOnce(context, delivery)
    if (!checkpoints) return
    const operator = context.operator.node.id
    const makesFolders = this.#folder !== undefined
    this.#parts = new PartFiles({ path, operator, subtask: context.subtask.index, makesFolders, checkpoints })
    const rows = this.#options.format === 'csv' ? new CsvRows() : undefined
    if (rows) this.#lineOf = (row) => rows.textOf(row)
    const flush = async () => {
      await this.#writer.flush()
      rows?.beginFile()
    }
    this.commits = new FileCommits({ operator, parts: this.#parts, flush })
  }

  async open(): Promise<void> {
    if (this.#parts) return this.#parts.open()
    const { path, format } = this.#options
    if (path === '-') this.#target = standardOutput
    const own = ownPath(path, this.#context.subtask.index)
    if (this.#folder) this.#target = new FolderFiles(own, this.#context.log)
    this.#target ??= await openFile(own, this.#context.log)
    if (format === 'csv') {
      const rows = new CsvRows(path === '-' ? undefined : await headerOf(own))
      this.#lineOf = (row) => rows.textOf(row)
    }
  }

  write(values: readonly unknown[]): void | Promise<void> {
    for (const [index, value] of values.entries()) {
      try {
        const text = this.#lineOf(this.#row(value))
        const folder = this.#folder ? folderOf(this.#folder(value)) : ''
        const bytes = Buffer.byteLength(text)
        this.#bytes += bytes
        this.#writer.add({ folder, text }, bytes)
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { index })
      }
    }
    return this.#writer.ready()
  }

  writeEncoded({ length, bytes, starts, ends }: EncodedRecords): void | Promise<void> {
    const lines = Buffer.from(bytes.subarray(starts[0], ends[length - 1]! + 1))
    this.#bytes += lines.length
    this.#writer.add({ folder: '', text: lines }, lines.length)
    return this.#writer.ready()
  }

  async #append(lines: readonly Lines[]): Promise<void> {
    const texts = new Map<string, (string | Buffer)[]>()
    for (const { folder, text } of lines) {
      const others = texts.get(folder)
      if (others) others.push(text)
      else texts.set(folder, [text])
    }
    const target = this.#parts ?? this.#target!
    for (const [folder, own] of texts) await target.append(joined(own), folder)
  }

  async flush(): Promise<void> {
    await this.#writer.flush()
    await this.#target?.sync()
  }

  bytesWritten(): number {
    return this.#bytes
  }

  async close(): Promise<void> {
    this.#writer.close()
    await (this.#parts ?? this.#target)?.close()
  }
}

const joined = (texts: readonly (string | Buffer)[]): string | Buffer =>
  texts.every((text) => typeof text === 'string')
    ? texts.join('')
    : Buffer.concat(texts.map((text) => (typeof text === 'string' ? Buffer.from(text) : text)))

/** Standard output, a device or a pipe: what is written there cannot wait under another name. */
function isSpecial(path: string): boolean {
  if (path === '-') return true
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats !== undefined && !stats.isFile() && !stats.isDirectory()
  } catch {
    // Opening it will say what is wrong.
    return false
  }
}

/** `out.jsonl` for the first subtask, `out-1.jsonl` for the second … */
export function ownPath(path: string, subtask: number): string {
  if (subtask === 0) return path
  const extension = extname(path)
  return `${path.slice(0, path.length - extension.length)}-${subtask}${extension}`
}

/** The columns of a CSV file that is there already. */
async function headerOf(path: string): Promise<readonly string[] | undefined> {
  const file = await FileBytes.open(path, 0)
  try {
    if (await file.isEmpty()) return undefined
    const { readCsvHeader } = await import('./csv-cutter.ts')
    return (await readCsvHeader(file)).columns
  } finally {
    await file.close()
  }
}
