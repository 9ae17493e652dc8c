import type { ChangeKind } from '@lightflus/api'
import type { ConnectorContext } from '@lightflus/engine'
import { rowWrites } from '../row-writes.ts'
import { unlessRejected } from '../unless-rejected.ts'
import type { RowMaker } from './sql-row.ts'

/** A row on its way to the table. */
export interface RowItem {
  /** Of its key's columns, where the sink knows them. */
  readonly key: readonly string[] | undefined
  /** Of all columns; undefined: the row of this key is deleted. */
  readonly literals: string | undefined
  readonly bytes: number
}

/**
 * What one write does to rows, in order.
 * @param key columns by which rows are told apart; null: the table alone knows
 * @param check refuses rows that the server could not take
 */
export function rowItems(
  { operator, rejectRecord }: Pick<ConnectorContext<'sink'>, 'operator' | 'rejectRecord'>,
  maker: RowMaker,
  key: readonly string[] | null,
  check: (bytes: number) => void,
  values: readonly unknown[],
  changes: readonly ChangeKind[] | undefined,
): RowItem[] {
  const rowOf = operator.functions['row']!
  const items: RowItem[] = []
  const rows = values.map((value, index) =>
    unlessRejected(rejectRecord, index, () => {
      const row = rowOf(value)
      return { row, key: key === null ? undefined : maker.keyLiterals(row, key) }
    }),
  )
  const writes =
    changes &&
    rowWrites(
      changes,
      rows.map((made) => made?.key?.join()),
    )
  rows.forEach((made, index) => {
    const write = writes ? writes[index] : 'put'
    if (made === undefined || write === undefined || write === 'leave') return
    unlessRejected(rejectRecord, index, () => {
      const literals = write === 'put' ? maker.literals(made.row) : undefined
      const bytes = Buffer.byteLength(literals ?? made.key!.join(' AND '))
      check(bytes)
      items.push({ key: made.key, literals, bytes })
    })
  })
  return items
}

/** Rows to delete and rows to write, in any order: of each key only its last item counts. */
export function newestOfEachKey(items: readonly RowItem[]): {
  readonly removed: (readonly string[])[]
  readonly written: string[]
} {
  const newest = new Map<string, RowItem>()
  for (const [index, item] of items.entries()) newest.set(item.key?.join() ?? String(index), item)
  const removed: (readonly string[])[] = []
  const written: string[] = []
  for (const { key, literals } of newest.values()) {
    if (literals === undefined) removed.push(key!)
    else written.push(literals)
  }
  return { removed, written }
}
