import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { extname } from 'node:path'
import type { ConnectorContext, SinkWriter } from '@lightflus/engine'
import { BatchWriter } from '../batch-writer.ts'
import { FileBytes } from './file-bytes.ts'
import { writeError } from './file-errors.ts'
import { csvLines, jsonLine, type RowText } from './row-text.ts'

export interface FilesSinkOptions {
  /** The file to append to; `-` is standard output. */
  readonly path: string
  readonly format: 'jsonl' | 'csv'
}

/** Where lines go: a file or standard output. */
interface LineTarget {
  append(text: string): Promise<void>
  /** Resolves when all that was appended survives a crash of this process and of the machine. */
  sync(): Promise<void>
  close(): Promise<void>
}

const batchLinesMax = 4_096
const batchBytesMax = 1024 * 1024

/** Appends a line a record. A subtask has a file of its own, so lines never mix. */
export class FilesSink implements SinkWriter {
  readonly #context: ConnectorContext<'sink'>
  readonly #options: FilesSinkOptions
  readonly #row: (value: unknown) => unknown
  readonly #writer: BatchWriter<string>
  #target: LineTarget | undefined
  #lineOf: RowText = jsonLine
  #bytes = 0

  constructor(context: ConnectorContext<'sink'>) {
    this.#context = context
    this.#options = context.operator.node.options['connector'] as unknown as FilesSinkOptions
    this.#row = context.operator.functions['row'] ?? ((value) => value)
    this.#writer = new BatchWriter({
      itemsMax: batchLinesMax,
      bytesMax: batchBytesMax,
      send: (lines) => this.#target!.append(lines.join('')),
    })
  }

  async open(): Promise<void> {
    const { path, format } = this.#options
    if (path === '-') this.#target = standardOutput
    const own = ownPath(path, this.#context.subtask.index)
    this.#target ??= await openFile(own, this.#context.log)
    if (format === 'csv') this.#lineOf = csvLines(path === '-' ? undefined : await headerOf(own))
  }

  write(values: readonly unknown[]): void | Promise<void> {
    for (const [index, value] of values.entries()) {
      try {
        const line = this.#lineOf(this.#row(value))
        const bytes = Buffer.byteLength(line)
        this.#bytes += bytes
        this.#writer.add(line, bytes)
      } catch (thrown) {
        this.#context.rejectRecord(thrown, { index })
      }
    }
    return this.#writer.ready()
  }

  async flush(): Promise<void> {
    await this.#writer.flush()
    await this.#target!.sync()
  }

  bytesWritten(): number {
    return this.#bytes
  }

  async close(): Promise<void> {
    this.#writer.close()
    await this.#target?.close()
  }
}

/** `out.jsonl` for the first subtask, `out-1.jsonl` for the second … */
export function ownPath(path: string, subtask: number): string {
  if (subtask === 0) return path
  const extension = extname(path)
  return `${path.slice(0, path.length - extension.length)}-${subtask}${extension}`
}

/** Under Node's permission model `fdatasync` is refused: there every append reaches the disk before it returns. */
const isRestricted = process.permission !== undefined
const appendSynced = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC

async function openFile(path: string, log: ConnectorContext<'sink'>['log']): Promise<LineTarget> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, isRestricted ? appendSynced : 'a+')
    const stats = await handle.stat()
    const { size } = stats
    // A pipe or a terminal has nothing to sync.
    const synced = isRestricted || !stats.isFile()
    if (size > 0 && !(await endsLine(handle, size))) {
      await handle.appendFile('\n')
      log('warn', `'${path}' did not end with a whole line, probably since a run was cut off; a new line was begun`)
    }
    const file = handle
    const failing = (thrown: unknown): never => {
      throw writeError(path, thrown)
    }
    return {
      append: (text) => file.appendFile(text).catch(failing),
      sync: () => (synced ? Promise.resolve() : file.datasync().catch(failing)),
      close: () => file.close(),
    }
  } catch (thrown) {
    await handle?.close()
    throw writeError(path, thrown)
  }
}

async function endsLine(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === 10
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

const standardOutput: LineTarget = {
  append: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(writeError('-', error)) : resolve()))
    }),
  sync: () => Promise.resolve(),
  close: () => Promise.resolve(),
}
