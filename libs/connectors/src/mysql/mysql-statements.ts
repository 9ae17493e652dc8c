import type { StagedSegment } from '../staging/staged-output.ts'
import { textListsIn, type TextList } from '../staging/text-lists.ts'
import { newestOfEachKey, type RowItem } from './mysql-rows.ts'
import { deleteStatement, statementParts, type WriteMode } from './target-table.ts'

/** Where rows go, and what their literals are of: all that it takes to write them. */
export interface RowsHead {
  readonly table: string
  readonly columns: readonly string[]
  /** Columns by which rows are told apart, so that they can be deleted; null: they cannot. */
  readonly key: readonly string[] | null
  readonly mode: WriteMode
}

/** A statement, and what has to be written one by one to learn which row the server refuses. */
export interface RowsStatement {
  readonly sql: string
  /** Of each row a statement of its own, and what it is. */
  readonly single: readonly { readonly sql: string; readonly row: string }[]
}

/** Of what one batch of rows comes to, in the order in which they have to be done. */
export function statementsFor(head: RowsHead, items: readonly RowItem[]): readonly RowsStatement[] {
  const { table, key, columns, mode } = head
  const { removed, written } = newestOfEachKey(items)
  const statements: RowsStatement[] = []
  // First, since a row that is written may have what was unique to one that is deleted.
  if (removed.length > 0)
    statements.push({
      sql: deleteStatement(table, key!, removed),
      single: removed.map((each) => ({
        sql: deleteStatement(table, key!, [each]),
        row: `(${key!.join(', ')}) = (${each.join(',')})`,
      })),
    })
  if (written.length > 0) {
    const [before, after] = statementParts(table, columns, mode)
    statements.push({
      sql: before + written.join(',') + after,
      single: written.map((literals) => ({
        sql: before + literals + after,
        row: `(${columns.join(', ')}) = ${literals}`,
      })),
    })
  }
  return statements
}

export const stagedRow = ({ literals, key }: RowItem): TextList => [literals ?? null, ...(key ?? [])]

/** Staged rows in batches, in order. */
export function* rowBatches(
  { bytes }: StagedSegment,
  { rowsMax, bytesMax }: { readonly rowsMax: number; readonly bytesMax: number },
): Generator<readonly RowItem[]> {
  let batch: RowItem[] = []
  let batchBytes = 0
  for (const [literals, ...key] of textListsIn(bytes)) {
    const size = Buffer.byteLength(literals ?? key.join(' AND '))
    if (batch.length > 0 && (batch.length >= rowsMax || batchBytes + size > bytesMax)) {
      yield batch
      batch = []
      batchBytes = 0
    }
    batch.push({
      key: key.length > 0 ? (key as string[]) : undefined,
      literals: literals ?? undefined,
      bytes: size,
    })
    batchBytes += size
  }
  if (batch.length > 0) yield batch
}
