import { execFile } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs, promisify } from 'node:util'
import { RowDigest } from '../kafka/row-digest.ts'
import { programOf } from '../kafka/start-query.ts'
import { measure, median } from '../measure.ts'
import { writeParquet } from './parquet-events.ts'

/**
 * `npm run bench -- files [q1 q5] [--events 2000000] [--runs 3] [--slots 1] [--format parquet] [--spark PYTHON]`: queries
 * from a file of JSON lines, or of Parquet, into one of JSON lines, each a whole process of `lightflus run`, and in turn with
 * it a whole process of DuckDB (two threads) that answers the same question; of Parquet also one of Spark (one thread), where
 * a Python is named that has pyspark. All rows are compared once.
 */
const { values, positionals } = parseArgs({
  options: {
    events: { type: 'string', default: '2000000' },
    runs: { type: 'string', default: '3' },
    slots: { type: 'string', default: '1' },
    format: { type: 'string', default: 'jsonl' },
    spark: { type: 'string' },
  },
  allowPositionals: true,
})
const events = Number(values.events)
const queries = positionals.length > 0 ? positionals : ['q1', 'q5', 'q8', 'q12e']
const run = promisify(execFile)
const bench = join(import.meta.dirname, '..')
const lines = join(tmpdir(), `lightflus-nexmark-${events}.jsonl`)
const isParquet = values.format === 'parquet'
const input = isParquet ? lines.replace('.jsonl', '.parquet') : lines

interface Figures {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakMegabytes: number
  /** Of the same query once more in the same process. */
  readonly warmCpuSeconds?: number
}

async function ours(query: string, folder: string, digest: RowDigest | undefined): Promise<Figures> {
  const entry = join(folder, 'job.ts')
  await writeFile(
    entry,
    `import query from '${programOf(query)}'
import { configure } from '${join(bench, 'nexmark/settings.ts')}'
${isParquet ? `import { eventSchema as value } from '${join(bench, 'nexmark/event-schema.ts')}'` : ''}

configure({ source: { ${isParquet ? `kind: 'parquet', value` : `kind: 'files'`}, path: '${input}' }, sink: { kind: 'files', path: 'rows.jsonl' } })
export default query
`,
  )
  return measure(['run', entry, '--no-check', '-o', 'json', '-p', values.slots], async (worked) => {
    const files = Array.from({ length: Number(values.slots) }, (_, slot) =>
      join(worked, slot === 0 ? 'rows.jsonl' : `rows-${slot}.jsonl`),
    )
    for (const file of files) if (digest && existsSync(file)) await addRows(file, digest)
  })
}

async function duckdb(query: string, folder: string, digest: RowDigest | undefined): Promise<Figures> {
  const output = join(folder, 'duckdb.jsonl')
  const { stdout } = await run(process.execPath, [join(bench, 'files/duckdb-query.ts'), query, input, output])
  if (digest) await addRows(output, digest)
  return JSON.parse(stdout) as Figures
}

async function spark(query: string, folder: string, digest: RowDigest | undefined): Promise<Figures> {
  const output = join(folder, 'spark')
  const { stdout } = await run(values.spark!, [join(bench, 'files/spark-query.py'), query, input, output])
  for (const part of digest ? await readdir(output) : [])
    if (part.endsWith('.json')) await addRows(join(output, part), digest!)
  return JSON.parse(stdout) as Figures
}

async function addRows(path: string, digest: RowDigest): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(path) }))
    digest.add(JSON.parse(line) as Record<string, unknown>)
}

if (!existsSync(lines))
  await run(process.execPath, [join(bench, 'nexmark/generate.ts'), '--out', lines, '--events', `${events}`])
if (!existsSync(input)) await writeParquet(lines, input)
const engines = { Lightflus: ours, DuckDB: duckdb, ...(isParquet && values.spark !== undefined && { Spark: spark }) }
console.log(
  `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]!.model}), ${events} events, ${values.slots} slots, medians of ${values.runs} runs in turn.\n`,
)
console.log('| query | engine | CPU s/M | Lightflus ÷ it | warm: CPU s/M | wall s | peak MB |')
console.log('| --- | --- | --- | --- | --- | --- | --- |')
for (const query of queries) {
  const folder = await mkdtemp(join(tmpdir(), 'lightflus-bench-'))
  const figures = new Map<string, Figures[]>(Object.keys(engines).map((name) => [name, []]))
  for (let number = 0; number < Number(values.runs); number++) {
    const digests: string[] = []
    for (const [name, engine] of Object.entries(engines)) {
      const digest = number === 0 ? new RowDigest() : undefined
      figures.get(name)!.push(await engine(query, folder, digest))
      digests.push(`${digest}`)
    }
    if (new Set(digests).size > 1) throw new Error(`${query}: the rows differ: ${digests.join(', ')}`)
  }
  await rm(folder, { recursive: true })
  const own = perMillion(figures.get('Lightflus')!, 'cpuSeconds')
  for (const [name, each] of figures) {
    const cpu = perMillion(each, 'cpuSeconds')
    const warm = each[0]!.warmCpuSeconds === undefined ? '' : perMillion(each, 'warmCpuSeconds').toFixed(2)
    const row = [
      ...[query, name, cpu.toFixed(2), (own / cpu).toFixed(2), warm],
      ...[of(each, 'wallSeconds').toFixed(2), of(each, 'peakMegabytes').toFixed(0)],
    ]
    console.log(`| ${row.join(' | ')} |`)
  }
}

function of(figures: readonly Figures[], name: keyof Figures): number {
  return median(figures.map((each) => each[name]!))
}

function perMillion(figures: readonly Figures[], name: keyof Figures): number {
  return (of(figures, name) / events) * 1e6
}
