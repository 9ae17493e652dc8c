import { rm } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { statements } from '../nexmark/testing/statements.ts'

/**
 * One query by DuckDB, from a file of JSON lines or of Parquet into one of JSON lines, and what it took as a line of JSON:
 *
 *   node bench/files/duckdb-query.ts QUERY EVENTS.jsonl|EVENTS.parquet ROWS.jsonl
 *
 * Of the events only the fields are named that these queries read, so that it need not make the others.
 */
const [query, input, output] = process.argv.slice(2) as [string, string, string]
const read = (kind: string, fields: string): string =>
  input.endsWith('.parquet')
    ? `read_parquet('${input}')`
    : `read_json('${input}', format = 'newline_delimited', columns = {event_type: 'INT', ${kind}: 'STRUCT(${fields})'})`
const time = (kind: string): string => `epoch_ms(${kind}.dateTime::TIMESTAMP) AS t`

const startedAt = performance.now()
const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect()
await connection.run(`
  SET preserve_insertion_order = false;
  CREATE VIEW persons AS SELECT person.*, ${time('person')} FROM ${read('person', 'id BIGINT, name VARCHAR, dateTime VARCHAR')}
    WHERE event_type = 0;
  CREATE VIEW auctions AS SELECT auction.*, ${time('auction')} FROM ${read('auction', 'seller BIGINT, dateTime VARCHAR')}
    WHERE event_type = 1;
  CREATE VIEW bids AS SELECT bid.*, ${time('bid')}
    FROM ${read('bid', 'auction BIGINT, bidder BIGINT, price BIGINT, dateTime VARCHAR, extra VARCHAR')} WHERE event_type = 2`)
await rm(output, { force: true })
await connection.run(`COPY (${statements[query]!}) TO '${output}' (FORMAT json)`)
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
console.log(
  JSON.stringify({
    wallSeconds: (performance.now() - startedAt) / 1_000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMegabytes: maxRSS / 1024,
  }),
)
