import type { ScanDemand } from '@lightflus/engine'
import { parquetSchema, type ColumnMetaData, type FileMetaData } from 'hyparquet'
import type { FileRanges } from '../file-ranges.ts'
import { GroupMemory } from './group-memory.ts'
import { readLeafColumn, type LeafColumn } from './leaf-column.ts'
import { recordMaker, type MakeRecords } from './record-maker.ts'
import { isAccepted, isPath, wantedRows, type WantedRows } from './wanted-rows.ts'

/** A row group, of which what is wanted has been read. It holds until the next one is read. */
export interface WantedGroup {
  readonly rows: number
  /** Compressed, of the columns that were read. */
  readonly bytes: number
  /** Adds the records of some of its rows to a list. */
  make(from: number, to: number, records: unknown[]): void
}

/**
 * Reads of row groups only the columns that are wanted, into typed arrays (bench/files compares it with whole rows). What it
 * does not know, or cannot read, it leaves to the library, which also says what is wrong.
 */
export class WantedGroups {
  readonly #ranges: FileRanges
  readonly #metadata: FileMetaData
  readonly #rows: WantedRows
  readonly #make: MakeRecords
  readonly #memory = new GroupMemory()

  private constructor(ranges: FileRanges, metadata: FileMetaData, rows: WantedRows, make: MakeRecords) {
    this.#ranges = ranges
    this.#metadata = metadata
    this.#rows = rows
    this.#make = make
  }

  /**
   * @param metadata as written
   * @param columns the only ones that there are for the program
   * @returns undefined where nothing of the file can be read so
   */
  static of(
    ranges: FileRanges,
    metadata: FileMetaData,
    wanted: ScanDemand,
    columns: readonly string[] | undefined,
  ): WantedGroups | undefined {
    const tree = parquetSchema(metadata)
    const children = tree.children.filter(({ element }) => columns?.includes(element.name) ?? true)
    const rows = wantedRows({ ...tree, children }, wanted)
    const make = rows && recordMaker(rows, `rows of ${ranges.path}`)
    return make && new WantedGroups(ranges, metadata, rows, make)
  }

  /** Undefined: the row group is to be read by the library. */
  async read(index: number, rows: number): Promise<WantedGroup | undefined> {
    const group = this.#metadata.row_groups[index]!
    const columns: LeafColumn[] = []
    const memory = this.#memory
    let bytes = 0
    memory.begin()
    try {
      for (const leaf of this.#rows.leaves) {
        const meta = group.columns.find(({ meta_data }) => isPath(meta_data?.path_in_schema, leaf.path))!.meta_data!
        const [start, end] = placeOf(meta)
        const chunk = await this.#ranges.readInto(start, end, memory.chunk)
        columns.push(readLeafColumn(chunk, meta, leaf, { rows, memory }))
        bytes += end - start
      }
    } catch {
      // Whatever it is, the library will come to it, and is believed.
      return undefined
    }
    if (!isAccepted(this.#rows, columns, group)) return undefined
    const make = this.#make
    return { rows, bytes, make: (from, to, records) => make(columns, from, to, records) }
  }
}

function placeOf({
  dictionary_page_offset,
  data_page_offset,
  total_compressed_size,
}: ColumnMetaData): [number, number] {
  const data = Number(data_page_offset)
  const dictionary = Number(dictionary_page_offset ?? data)
  const start = dictionary > 0 && dictionary < data ? dictionary : data
  return [start, start + Number(total_compressed_size)]
}
