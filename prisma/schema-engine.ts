#!/usr/bin/env node
/**
 * Stands in for Prisma's native schema engine, which would be downloaded after install: the same command line and the
 * same JSON-RPC on standard input and output, with Prisma's own WebAssembly engine and its pg adapter behind them.
 * `prisma migrate dev`, `deploy`, `status`, `diff`, `resolve` and `reset` work through it; `prisma db pull` does not.
 * For developers and for the test that compares schema and migrations. The platform itself migrates by
 * apps/control-plane/src/database/migrate.ts.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
} from '@prisma/driver-adapter-utils'
import * as wasm from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'

type Engine = Record<string, (params: object) => Promise<unknown>>
interface MigrationsParams {
  readonly migrationsList: { readonly migrationDirectories: readonly unknown[] }
  readonly schema: object
  readonly filters: object
  readonly migrationName?: string
  readonly draft?: boolean
}

const { values: options, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    datamodels: { type: 'string', multiple: true },
    datasource: { type: 'string' },
    'extension-types': { type: 'string' },
  },
})
const databaseUrl: string | undefined = options.datasource ? JSON.parse(String(options.datasource)).url : undefined

/** `can-connect-to-database`, `create-database`, `drop-database`: exits with 1 and Prisma's code on failure. */
async function runDatabaseCommand(command: string, url: URL): Promise<void> {
  const database = pg.escapeIdentifier(decodeURIComponent(url.pathname.slice(1)))
  if (command !== 'can-connect-to-database') url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  try {
    await client.connect()
    if (command === 'create-database') await client.query(`CREATE DATABASE ${database}`)
    if (command === 'drop-database') await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
    await client.end()
  } catch (thrown) {
    const { code = '', message } = thrown as { code?: string; message: string }
    const known: Record<string, string> = { '3D000': 'P1003', '28P01': 'P1000', '42P04': 'P1009' }
    const fields = { error_code: known[code] ?? 'P1001', message }
    // Prisma throws the first line of standard error away.
    const line = JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields, timestamp: new Date() })
    process.stderr.write(`{}\n${line}\n`)
    process.exit(1)
  }
}

/** Answers JSON-RPC requests, one a line, each with an engine of its own, until standard input ends. */
async function serve(): Promise<void> {
  loadEngine()
  readCharAsText()
  const datamodels = (options.datamodels as string[] | undefined)?.map((file) => [file, readFileSync(file, 'utf8')])
  let pending: unknown
  process.on('uncaughtException', (error) => sendError(pending, error))
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method, params } = JSON.parse(line)
    if (!method) continue
    pending = id
    try {
      const log = (text: string) => process.stderr.write(`${text}\n`)
      const adapter = bindMigrationAwareSqlAdapterFactory(new WholeScriptFactory(connection()))
      const engine = (await wasm.SchemaEngine.new({ datamodels }, log, adapter)) as unknown as Engine
      const own = ownMethods[method]
      const result = (await (own ? own(engine, params) : engine[method](params))) as { stdout?: string } | undefined
      if (method === 'diff' && result?.stdout)
        send({ id: id + 1e6, method: 'print', params: { content: result.stdout } })
      send({ id, result: result ?? null })
    } catch (error) {
      sendError(id, error)
    }
  }
}

/** Host, user and database one by one: a connection string would win over the shadow database's name. */
function connection(): pg.PoolConfig {
  return parseIntoClientConfig(databaseUrl ?? 'postgresql://localhost/x') as pg.PoolConfig
}

function loadEngine(): void {
  const path = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/js$/, 'wasm')
  const module = new WebAssembly.Module(readFileSync(path))
  const instance = new WebAssembly.Instance(module, {
    './schema_engine_bg.js': wasm as unknown as WebAssembly.ModuleImports,
  })
  const loaded = wasm as unknown as { __wbg_set_wasm(exports: unknown): void }
  loaded.__wbg_set_wasm(instance.exports)
  ;(instance.exports.__wbindgen_start as () => void)()
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => process.stderr.write(`${message}\n`) },
  })
}

/** Postgres' catalogue type "char" (OID 18) is unknown to the adapter; it reads well as text (OID 25). */
function readCharAsText(): void {
  for (const prototype of [pg.Client.prototype, pg.Pool.prototype] as { query: (...query: unknown[]) => unknown }[]) {
    const query = prototype.query
    prototype.query = function (...call) {
      const result = query.apply(this, call)
      if (!(result instanceof Promise)) return result
      return result.then((answer: pg.QueryResult | undefined) => {
        for (const field of answer?.fields ?? []) if (field.dataTypeID === 18) field.dataTypeID = 25
        return answer
      })
    }
  }
}

/** The pg adapter with scripts sent whole, so that `$$` bodies stay whole. */
class WholeScriptFactory extends PrismaPg {
  override async connect() {
    return wholeScripts(await super.connect())
  }

  override async connectToShadowDb() {
    const adapter = wholeScripts(await super.connectToShadowDb())
    // Its database is dropped under the connection; without a listener that would end the process.
    driverOf(adapter).on('error', () => {})
    return adapter
  }
}

function driverOf(adapter: SqlDriverAdapter): pg.Pool {
  return (adapter as unknown as { underlyingDriver(): pg.Pool }).underlyingDriver()
}

function wholeScripts<A extends SqlDriverAdapter>(adapter: A): A {
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    // Postgres 18 lists NOT NULL constraints; the engine reads this column as a character.
    const column = result.columnNames.indexOf('constraint_type')
    if (column >= 0) result.columnTypes[column] = ColumnTypeEnum.Character
    return result
  }
  adapter.executeScript = async (sql) => {
    await driverOf(adapter).query(sql.replace(/^DROP DATABASE ("[^"]+")$/, 'DROP DATABASE $1 WITH (FORCE)'))
  }
  return adapter
}

async function migrationSql(engine: Engine, params: MigrationsParams): Promise<string> {
  const { migrationsList } = params
  const from = migrationsList.migrationDirectories.length ? { tag: 'migrations', ...migrationsList } : { tag: 'empty' }
  const to = { tag: 'schemaDatamodel', ...params.schema }
  const request = { from, to, script: true, exitCode: null, filters: params.filters, shadowDatabaseUrl: null }
  return ((await engine.diff(request)) as { stdout: string }).stdout
}

/** What the WebAssembly engine cannot do, since it cannot open a shadow database of its own there: made of `diff`. */
const ownMethods: Record<string, (engine: Engine, params: MigrationsParams) => Promise<unknown>> = {
  getDatabaseVersion: (engine, params) => engine.version(params),

  async evaluateDataLoss(engine, params) {
    const sql = await migrationSql(engine, params)
    const losses = [...sql.matchAll(/^ALTER TABLE.*DROP COLUMN.*$|^DROP TABLE.*$/gm)]
    const warnings = losses.map((loss, stepIndex) => ({ message: `loses data: ${loss[0]}`, stepIndex }))
    return { migrationSteps: hasStatements(sql) ? 1 : 0, unexecutableSteps: [], warnings }
  },

  async createMigration(engine, params) {
    const sql = await migrationSql(engine, params)
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
    return {
      connectorType: 'postgresql',
      generatedMigrationName: params.migrationName ? `${stamp}_${params.migrationName}` : stamp,
      extension: 'sql',
      migrationScript: hasStatements(sql) ? sql : params.draft ? '-- This is an empty migration.' : null,
    }
  },
}

function hasStatements(sql: string): boolean {
  return /^\s*(?!--)\S/m.test(sql)
}

function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

function sendError(id: unknown, thrown: unknown): void {
  const { code, message, meta, stack } = thrown as { code?: string; message: string; meta?: object; stack?: string }
  const data = code
    ? { is_panic: false, message, meta: meta ?? {}, error_code: code }
    : { is_panic: false, message, backtrace: stack ?? '' }
  send({ id, error: { code: 4466, message: 'An error happened. Check the data field for details.', data } })
}

if (positionals[0] === 'cli') await runDatabaseCommand(String(positionals[1]), new URL(databaseUrl ?? ''))
else await serve()
process.exit(0)
