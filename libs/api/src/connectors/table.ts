import type { SinkDeclaration } from '../definition.ts'
import type { Json } from '../graph.ts'
import { fn, optional, resolveOptions, whole } from '../internal/options.ts'

export interface TableSinkOptions<T> {
  /** What is shown of a record. Default: the record, which must be an object then. */
  readonly row?: (record: T) => Readonly<Record<string, Json>>
  /** Identity of a row: a newer one replaces it. Default: every record is a row of its own. */
  readonly key?: (record: T) => string | number
  /** The newest rows that are kept. Default 100. */
  readonly rowsMax?: number
}

const rules = {
  row: optional(fn<(record: any) => unknown>(), undefined),
  key: optional(fn<(record: any) => unknown>(), undefined),
  rowsMax: optional(whole(1, 1_000), 100),
}

/** With `key`: a newer row takes the older one's place, and in a changelog one that is taken back disappears. */
function sink<T>(
  options: TableSinkOptions<T> & Required<Pick<TableSinkOptions<T>, 'key'>>,
): SinkDeclaration<T, 'changes'>
/** Without: rows are added. */
function sink<T>(options?: TableSinkOptions<T>): SinkDeclaration<T, 'inserts'>
function sink(options: object = {}): SinkDeclaration<any> {
  const { row, key, rowsMax } = resolveOptions('table.sink', options, rules)
  return {
    accepts: key ? 'changes' : 'inserts',
    connector: 'table',
    options: { connector: { rowsMax } },
    functions: { ...(row ? { row } : {}), ...(key ? { key } : {}) },
  }
}

/** The newest result rows, live in the console and in the terminal. For looking, not for keeping. */
export const table = { sink }
