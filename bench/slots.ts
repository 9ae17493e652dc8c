/**
 * What a second slot brings, and what it costs: whole runs of json-window.ts and keyed-window.ts on one slot and on two,
 * in turn. Run it with
 *
 *   node bench/slots.ts [rounds]
 *
 * On a machine whose cores are busy otherwise only the processor time says something.
 */
import { cpus } from 'node:os'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { measure, median, type Measurement } from './measure.ts'

const rounds = Number(process.argv[2] ?? 3)
const programs = [
  { name: 'json-window', records: 4_000_000 },
  { name: 'keyed-window', records: 10_000_000 },
] as const

/** Every record has been counted once. */
function exact(records: number): (folder: string) => Promise<void> {
  return (folder) => {
    const lines = globSync('*.jsonl', { cwd: folder }).flatMap((path) =>
      readFileSync(join(folder, path), 'utf8').split('\n').filter(Boolean),
    )
    const counted = lines.reduce((sum, line) => sum + (JSON.parse(line) as { records: number }).records, 0)
    if (counted !== records) throw new Error(`${counted} records were counted of ${records}`)
    return Promise.resolve()
  }
}

console.log(
  `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]!.model}), medians of ${rounds} runs in turn.\n`,
)
console.log('| program | slots | M records/s wall | ÷ one slot | CPU ns a record | ÷ one slot | peak MB |')
console.log('| --- | --- | --- | --- | --- | --- | --- |')
for (const { name, records } of programs) {
  const measured: { readonly slots: number; readonly runs: Measurement[] }[] = [1, 2].map((slots) => ({
    slots,
    runs: [],
  }))
  for (let round = 0; round < rounds; round++)
    for (const { slots, runs } of measured) {
      const program = join(import.meta.dirname, `${name}.ts`)
      runs.push(await measure(['run', program, '--no-check', '-o', 'json', '-p', String(slots)], exact(records)))
    }
  const [first] = measured
  const wall = ({ runs }: typeof first) => records / median(runs.map(({ wallSeconds }) => wallSeconds)) / 1e6
  const cpu = ({ runs }: typeof first) => (median(runs.map(({ cpuSeconds }) => cpuSeconds)) / records) * 1e9
  for (const each of measured) {
    const peak = median(each.runs.map(({ peakMegabytes }) => peakMegabytes))
    console.log(
      `| ${name} | ${each.slots} | ${wall(each).toFixed(2)} | ${(wall(each) / wall(first)).toFixed(2)} | ${cpu(each).toFixed(0)} | ${(cpu(each) / cpu(first)).toFixed(2)} | ${peak.toFixed(0)} |`,
    )
  }
}
