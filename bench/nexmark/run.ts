import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'

/**
 * `npm run bench -- nexmark [q5 q7] [--events 500000]`: what each query takes, as a stream and in batch, a process for
 * each; prints a table for bench/README.md.
 */
interface Measured {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  /** What reached the sink: results, and every change of them. */
  readonly rows: number
}

const { values, positionals } = parseArgs({
  options: { events: { type: 'string', default: '500000' } },
  allowPositionals: true,
})
const events = Number(values.events)
const all = globSync('queries/q*.ts', { cwd: import.meta.dirname })
  .map((path) => basename(path, '.ts'))
  .sort((a, b) => Number.parseInt(a.slice(1)) - Number.parseInt(b.slice(1)) || a.length - b.length)
const script = join(import.meta.dirname, 'measure-query.ts')

async function measure(query: string, mode: 'stream' | 'batch'): Promise<Measured> {
  const args = [...process.execArgv, script, query, `${events}`, mode]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as Measured
}

console.log(`Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]!.model}), ${events} events.\n`)
console.log('| query | k events/s | CPU s/M | rows | peak MB | in batch: k events/s | CPU s/M | rows |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
for (const query of positionals.length > 0 ? positionals : all) {
  const stream = await measure(query, 'stream')
  const batch = await measure(query, 'batch')
  const figures = ({ wallSeconds, cpuSeconds, rows }: Measured) => [
    (events / wallSeconds / 1_000).toFixed(0),
    ((cpuSeconds / events) * 1e6).toFixed(2),
    rows.toLocaleString('en'),
  ]
  console.log(`| ${[query, ...figures(stream), stream.peakMegabytes.toFixed(0), ...figures(batch)].join(' | ')} |`)
}
