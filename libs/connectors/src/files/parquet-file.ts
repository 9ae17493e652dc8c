import { isLightflusError } from '@lightflus/api'
import type { ScanDemand, SourceBatch } from '@lightflus/engine'
import {
  flatten,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type AsyncBuffer,
  type ColumnData,
  type DecodedArray,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet'
import { changedError, formatError } from './file-errors.ts'
import { FileRanges } from './file-ranges.ts'
import { compressors } from './parquet/decompress.ts'
import { WantedGroups, type WantedGroup } from './parquet/wanted-groups.ts'
import { decodingMetadata, UnreadableColumn, valuesOf, type ToValue } from './parquet-values.ts'
import { wholeFile, type Lane } from './lane.ts'
import type { RecordFile } from './record-file.ts'

/** Where to go on in a file of rows. */
export interface RowPosition {
  /** Number of the first row that has not been read, from 0. */
  readonly row: number
}

/** Which columns are read. */
export interface ColumnChoice {
  /** By name; each has to be there. Default: all. */
  readonly columns?: readonly string[] | undefined
  /** Where no names are given: the only ones that anybody looks at; default: all. */
  readonly fields?: ReadonlySet<string> | undefined
  /** What is wanted of the rows, where it can be told. */
  readonly wanted?: ScanDemand | undefined
}

interface Column {
  readonly name: string
  readonly toValue: ToValue
}

interface OpenParquet {
  readonly ranges: FileRanges
  readonly metadata: FileMetaData
  readonly columns: readonly Column[]
  readonly wanted: WantedGroups | undefined
}

/** A row group's place in the file. */
interface Group {
  readonly start: number
  readonly rows: number
  /** Compressed, of the columns that are read. */
  readonly bytes: number
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** A Parquet file. Of it the metadata and one row group are in memory, and of that only the columns that are read. */
export class ParquetFile implements RecordFile {
  readonly #ranges: FileRanges
  readonly #metadata: FileMetaData
  readonly #columns: readonly Column[]
  readonly #groups: readonly Group[]
  readonly #lane: Lane
  #row: number
  readonly #wanted: WantedGroups | undefined
  /** The row group of the next row, with its columns in the order of `#columns`, or what is wanted of it. */
  #decoded: { readonly group: Group; readonly columns: readonly DecodedArray[] | WantedGroup } | undefined

  private constructor({ ranges, metadata, columns, wanted }: OpenParquet, row: number, lane: Lane) {
    this.#lane = lane
    this.#wanted = wanted
    this.#ranges = ranges
    this.#metadata = metadata
    this.#columns = columns
    this.#groups = groupsOf(metadata, new Set(columns.map(({ name }) => name)))
    this.#row = row
  }

  /**
   * @param lane the share of its row groups that is read
   * @throws LF_FILES_MISSING, LF_FILES_UNREADABLE; LF_FILES_FORMAT for what is no Parquet file, lacks a column or has one
   * that cannot be read; LF_FILES_CHANGED when the file ends before the row
   */
  static async open(path: string, choice: ColumnChoice, row: number, lane = wholeFile): Promise<ParquetFile> {
    const ranges = await FileRanges.open(path)
    try {
      return await asFormatErrors(path, 'the footer', async () => {
        const written = await parquetMetadataAsync(asBuffer(ranges), { geoparquet: false })
        const metadata = decodingMetadata(written)
        checkGroups(metadata)
        const columns = columnsOf(path, written, metadata, choice)
        const wanted = choice.wanted && WantedGroups.of(ranges, written, choice.wanted, choice.columns)
        const file = new ParquetFile({ ranges, metadata, columns, wanted }, row, lane)
        const rows = file.#groups.reduce((sum, group) => sum + group.rows, 0)
        if (rows !== Number(metadata.num_rows))
          throw formatError(
            path,
            'the footer',
            `${metadata.num_rows} rows are announced, but the row groups have ${rows}`,
          )
        if (row > rows) throw changedError(path, rows, row, 'row')
        return file
      })
    } catch (thrown) {
      await ranges.close()
      throw thrown
    }
  }

  /** Decodes the row group in which the next row lies; those before it are not touched. */
  async read(): Promise<boolean> {
    const { lane, lanes } = this.#lane
    const index = this.#groups.findIndex(({ start, rows }, at) => at % lanes === lane && this.#row < start + rows)
    this.#decoded = undefined
    if (index < 0) return false
    const group = this.#groups[index]
    const columns =
      (await this.#wanted?.read(index, group.rows)) ??
      (await asFormatErrors(this.#ranges.path, `row group ${index}`, () => this.#decode(group)))
    this.#decoded = { group, columns }
    this.#row = Math.max(this.#row, group.start)
    return true
  }

  async #decode({ start, rows }: Group): Promise<readonly DecodedArray[]> {
    const chunks = new Map<string, ColumnData[]>(this.#columns.map(({ name }) => [name, []]))
    await parquetRead({
      file: asBuffer(this.#ranges),
      metadata: this.#metadata,
      columns: this.#columns.map(({ name }) => name),
      rowStart: start,
      rowEnd: start + rows,
      compressors,
      geoparquet: false,
      // Bytes that nothing says are text stay bytes, and text must be text.
      utf8: false,
      parsers: { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && strictUtf8.decode(bytes) },
      onChunk: (chunk) => void chunks.get(chunk.columnName)?.push(chunk),
    })
    return this.#columns.map(({ name }) => {
      const values = flatten(chunks.get(name)!.map(({ columnData }) => columnData))
      // The library would fill up what a damaged page lacks, and cut off what is too much.
      if (values.length !== rows) throw new Error(`column '${name}' has ${values.length} values for ${rows} rows`)
      return values
    })
  }

  take(recordsMax: number): Omit<SourceBatch, 'partition'> | undefined {
    if (!this.#decoded) return undefined
    const { group, columns } = this.#decoded
    const from = this.#row - group.start
    const to = Math.min(from + recordsMax, group.rows)
    if (from >= to) return undefined
    const payloads: unknown[] = []
    const positions: number[] = []
    if ('make' in columns) {
      columns.make(from, to, payloads)
      for (let at = from; at < to; at++) positions.push(group.start + at)
      this.#row = group.start + to
      return { payloads, positions, isWanted: true, bytes: bytesUpTo(columns, to) - bytesUpTo(columns, from) }
    }
    for (let at = from; at < to; at++) {
      const record: Record<string, unknown> = {}
      for (let place = 0; place < columns.length; place++) {
        const { name, toValue } = this.#columns[place]
        record[name] = toValue(columns[place][at])
      }
      payloads.push(record)
      positions.push(group.start + at)
    }
    this.#row = group.start + to
    return { payloads, positions, bytes: bytesUpTo(group, to) - bytesUpTo(group, from) }
  }

  position(): RowPosition {
    return { row: this.#row }
  }

  close(): Promise<void> {
    return this.#ranges.close()
  }
}

/**
 * Whether every row group has the columns of the schema and no others. The library would read on while it fails on one
 * that is unknown, and nobody would hear of what it then finds.
 */
function checkGroups(metadata: FileMetaData): void {
  const leaves = leavesOf(parquetSchema(metadata))
  if (new Set(leaves).size < leaves.length) throw new Error('two columns have the same name')
  for (const [index, { num_rows, columns }] of metadata.row_groups.entries()) {
    const paths = columns.map(({ meta_data }) => JSON.stringify(meta_data?.path_in_schema))
    if (num_rows < 0n || paths.length !== leaves.length || paths.some((path, at) => path !== leaves[at]))
      throw new Error(`row group ${index} does not fit the schema`)
  }
}

const leavesOf = ({ path, children }: SchemaTree): readonly string[] =>
  children.length === 0 ? [JSON.stringify(path)] : children.flatMap(leavesOf)

/** A share of the row group's bytes, such that all shares together are all of them. */
const bytesUpTo = ({ bytes, rows }: Pick<Group, 'bytes' | 'rows'>, row: number): number =>
  Math.floor((bytes * row) / rows)

function groupsOf({ row_groups }: FileMetaData, names: ReadonlySet<string>): readonly Group[] {
  let start = 0
  return row_groups.map(({ num_rows, columns }) => {
    const rows = Number(num_rows)
    const read = columns.filter(({ meta_data }) => meta_data && names.has(meta_data.path_in_schema[0]))
    const bytes = read.reduce((sum, { meta_data }) => sum + Number(meta_data!.total_compressed_size), 0)
    const group = { start, rows, bytes }
    start += rows
    return group
  })
}

function columnsOf(
  path: string,
  written: FileMetaData,
  decoded: FileMetaData,
  { columns: names, fields }: ColumnChoice,
): readonly Column[] {
  const writtenTree = parquetSchema(written)
  const all = parquetSchema(decoded).children.map((tree, at) => ({ tree, written: writtenTree.children[at] }))
  const known = all.map(({ tree }) => tree.element.name)
  const missing = names?.find((name) => !known.includes(name))
  if (missing !== undefined)
    throw formatError(path, 'the footer', `there is no column '${missing}'; there are ${known.join(', ')}`)
  const wanted = all.filter(({ tree }) => names?.includes(tree.element.name) ?? fields?.has(tree.element.name) ?? true)
  return wanted.map(({ tree, written }) => {
    const { name } = tree.element
    try {
      return { name, toValue: valuesOf(written, tree) }
    } catch (thrown) {
      if (!(thrown instanceof UnreadableColumn)) throw thrown
      throw formatError(path, `column '${name}'`, `${thrown.message} cannot be read; leave it out by 'columns'`)
    }
  })
}

function asBuffer(ranges: FileRanges): AsyncBuffer {
  return {
    byteLength: ranges.byteLength,
    slice(start, end = ranges.byteLength) {
      const read = ranges.read(start, end)
      // The library reads ahead, and may give up before it looks at what was read.
      read.catch(() => undefined)
      return read
    },
  }
}

/** What the library throws, it throws of the file's bytes. */
async function asFormatErrors<T>(path: string, where: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (thrown) {
    if (isLightflusError(thrown)) throw thrown
    throw formatError(path, where, `it cannot be read as Parquet: ${(thrown as Error).message}`)
  }
}
