import { DuckDBInstance } from '@duckdb/node-api'

const text = (...names: string[]): string[] => names.map((name) => `${name} VARCHAR`)
const whole = (...names: string[]): string[] => names.map((name) => `${name} BIGINT`)

const kinds: Readonly<Record<string, readonly string[]>> = {
  person: [...whole('id'), ...text('name', 'emailAddress', 'creditCard', 'city', 'state', 'dateTime', 'extra')],
  auction: [
    ...whole('id'),
    ...text('itemName', 'description'),
    ...whole('initialBid', 'reserve'),
    ...text('dateTime', 'expires'),
    ...whole('seller', 'category'),
    ...text('extra'),
  ],
  bid: [...whole('auction', 'bidder', 'price'), ...text('channel', 'url', 'dateTime', 'extra')],
}

/** Writes events of a file of JSON lines to Parquet, as DuckDB does by default: Snappy, row groups of 122,880. */
export async function writeParquet(input: string, output: string): Promise<void> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const columns = Object.entries(kinds).map(([kind, fields]) => `${kind}: 'STRUCT(${fields.join(', ')})'`)
  await connection.run(
    `COPY (SELECT * FROM read_json('${input}', format = 'newline_delimited', columns = {event_type: 'INT', ${columns.join(', ')}}))
       TO '${output}' (FORMAT parquet)`,
  )
  connection.closeSync()
  instance.closeSync()
}
