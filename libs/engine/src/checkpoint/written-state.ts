import { unpackCells, type PackedCells } from '../state-table/packed-cells.ts'

/**
 * A key group's state as its operator's `snapshot` gives it, out of the blocks in which it was written: each is of the
 * same form and holds a part of the entries. Columns are put behind each other; all else is the same in every block.
 */
export function joinBlocks(blocks: readonly unknown[]): unknown {
  return blocks.map(unpacked).reduce(joined)
}

function unpacked(block: unknown): unknown {
  if (!isObject(block) || !('packed' in block)) return block
  const { packed, ...others } = block
  return { ...others, ...unpackCells(packed as PackedCells) }
}

function joined(into: unknown, block: unknown): unknown {
  if (!isObject(into) || !isObject(block)) return into
  for (const [name, column] of Object.entries(block)) {
    const present = into[name]
    if (present === undefined) into[name] = column
    else if (Array.isArray(present)) for (const each of column as unknown[]) present.push(each)
    else into[name] = joined(present, column)
  }
  return into
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
