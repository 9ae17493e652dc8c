import { execFile } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs, promisify } from 'node:util'
import { RowDigest } from '../kafka/row-digest.ts'
import { programOf } from '../kafka/start-query.ts'
import { measure, median } from '../measure.ts'

/**
 * `npm run bench -- files [q1 q5] [--events 2000000] [--runs 3] [--slots 1]`: queries from a file of JSON lines into one,
 * each a whole process of `lightflus run`, and in turn with it a whole process of DuckDB (two threads) that answers the same
 * question. Their rows are compared once.
 */
const { values, positionals } = parseArgs({
  options: {
    events: { type: 'string', default: '2000000' },
    runs: { type: 'string', default: '3' },
    slots: { type: 'string', default: '1' },
  },
  allowPositionals: true,
})
const events = Number(values.events)
const queries = positionals.length > 0 ? positionals : ['q1', 'q5', 'q8', 'q12e']
const run = promisify(execFile)
const bench = join(import.meta.dirname, '..')
const input = join(tmpdir(), `lightflus-nexmark-${events}.jsonl`)

interface Figures {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakMegabytes: number
}

async function ours(query: string, folder: string, digest: RowDigest | undefined): Promise<Figures> {
  const entry = join(folder, 'job.ts')
  await writeFile(
    entry,
    `import query from '${programOf(query)}'
import { configure } from '${join(bench, 'nexmark/settings.ts')}'

configure({ source: { kind: 'files', path: '${input}' }, sink: { kind: 'files', path: 'rows.jsonl' } })
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

async function addRows(path: string, digest: RowDigest): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(path) }))
    digest.add(JSON.parse(line) as Record<string, unknown>)
}

if (!existsSync(input))
  await run(process.execPath, [join(bench, 'nexmark/generate.ts'), '--out', input, '--events', `${events}`])
console.log(
  `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]!.model}), ${events} events, ${values.slots} slots, medians of ${values.runs} runs in turn.\n`,
)
console.log('| query | CPU s/M | DuckDB: CPU s/M | ÷ DuckDB | wall s | DuckDB: wall s | peak MB | DuckDB: peak MB |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const query of queries) {
  const folder = await mkdtemp(join(tmpdir(), 'lightflus-bench-'))
  const [own, other]: [Figures[], Figures[]] = [[], []]
  for (let number = 0; number < Number(values.runs); number++) {
    const digests = number === 0 ? ([new RowDigest(), new RowDigest()] as const) : ([undefined, undefined] as const)
    own.push(await ours(query, folder, digests[0]))
    other.push(await duckdb(query, folder, digests[1]))
    if (`${digests[0]}` !== `${digests[1]}`) throw new Error(`${query} gave ${digests[0]}, DuckDB ${digests[1]}`)
  }
  await rm(folder, { recursive: true })
  const cpu = (figures: readonly Figures[]): number =>
    median(figures.map(({ cpuSeconds }) => (cpuSeconds / events) * 1e6))
  const of = (figures: readonly Figures[], name: keyof Figures): number => median(figures.map((each) => each[name]))
  const row = [
    query,
    cpu(own).toFixed(2),
    cpu(other).toFixed(2),
    (cpu(own) / cpu(other)).toFixed(2),
    of(own, 'wallSeconds').toFixed(2),
    of(other, 'wallSeconds').toFixed(2),
    of(own, 'peakMegabytes').toFixed(0),
    of(other, 'peakMegabytes').toFixed(0),
  ]
  console.log(`| ${row.join(' | ')} |`)
}
