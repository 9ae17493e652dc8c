import { openBytes, type ByteReader } from './byte-reader.ts'
import type { RejectRow } from './csv-cutter.ts'
import type { CutRecords, FileCutter, FilePosition } from './file-cutter.ts'
import { LineCutter } from './line-cutter.ts'
import type { RecordFile } from './record-file.ts'

/** A file of lines or CSV rows, compressed or not. */
export class CutFile implements RecordFile {
  readonly #bytes: ByteReader
  readonly #cutter: FileCutter

  private constructor(bytes: ByteReader, cutter: FileCutter) {
    this.#bytes = bytes
    this.#cutter = cutter
  }

  /**
   * @param fields of CSV the only columns that anybody looks at; undefined: all
   * @throws LF_FILES_MISSING, LF_FILES_UNREADABLE, LF_FILES_CHANGED; LF_FILES_FORMAT for a header that is none
   */
  static async open(
    path: string,
    format: 'jsonl' | 'csv' | 'text',
    from: FilePosition,
    reject: RejectRow,
    fields: ReadonlySet<string> | undefined,
  ): Promise<CutFile> {
    if (format !== 'csv')
      return new CutFile(await openBytes(path, from.byte), new LineCutter(path, from, format === 'jsonl'))
    const { CsvCutter, readCsvHeader } = await import('./csv-cutter.ts')
    const file = await openBytes(path, 0)
    const header = await readCsvHeader(file).finally(() => file.close())
    const start = from.byte === 0 ? header.end : from
    return new CutFile(await openBytes(path, start.byte), new CsvCutter(path, header, start, reject, fields))
  }

  async read(): Promise<boolean> {
    const bytes = this.#bytes
    if (bytes.readInto && this.#cutter instanceof LineCutter)
      return this.#cutter.fill((buffer) => bytes.readInto!(buffer))
    const chunk = await bytes.read()
    if (chunk) this.#cutter.feed(chunk)
    else this.#cutter.end()
    return chunk !== undefined
  }

  take(recordsMax: number): CutRecords | undefined {
    return this.#cutter.take(recordsMax)
  }

  position(): FilePosition {
    return this.#cutter.position()
  }

  close(): Promise<void> {
    return this.#bytes.close()
  }
}
