import { globSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure, median, type Measurement } from './measure.ts'

// Runs each case several times in turn and prints medians as a table for bench/README.md.

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } })
const runs = Number(values.runs)
const program = join(import.meta.dirname, 'keyed-window.ts')
const records = 10_000_000

/** Every record counted once, every amount summed: 0 to 99, evenly. */
async function exactTotals(folder: string): Promise<void> {
  let counted = 0
  let summed = 0
  for (const path of globSync('keyed-window*.jsonl', { cwd: folder }))
    for await (const line of (await open(join(folder, path))).readLines()) {
      const row = JSON.parse(line) as { records: number; amount: number }
      counted += row.records
      summed += row.amount
    }
  if (counted !== records || summed !== records * 49.5)
    throw new Error(`wrong totals: ${counted} records, sum ${summed}`)
}

const run = ['run', program, '--no-check', '-o', 'json']
const cases: readonly { name: string; args: readonly string[]; check: (folder: string) => Promise<void> }[] = [
  { name: '10 M records, 1 slot', args: run, check: exactTotals },
  { name: '10 M records, 1 slot, a checkpoint a second', args: [...run, '--state', 'state'], check: exactTotals },
  { name: '10 M records, 2 slots', args: [...run, '-p', '2'], check: exactTotals },
  {
    name: 'first result (a program with a live table)',
    args: ['run', join(import.meta.dirname, 'first-result.ts'), '--no-check', '-o', 'json'],
    check: async () => undefined,
  },
]

const measured = new Map<string, Measurement[]>(cases.map(({ name }) => [name, []]))
for (let round = 0; round < runs; round++)
  for (const { name, args, check } of cases) measured.get(name)!.push(await measure(args, check))

const of = (name: string, figure: (measurement: Measurement) => number): number =>
  median(measured.get(name)!.map(figure))
const first = cases[0]!.name
console.log(
  `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]!.model}), medians of ${runs} runs in turn.\n`,
)
console.log('| case | wall s | CPU s | CPU ÷ first row | peak MB | first result s |')
console.log('| --- | --- | --- | --- | --- | --- |')
for (const { name } of cases) {
  const cpu = of(name, ({ cpuSeconds }) => cpuSeconds)
  const ratio = name.startsWith('10 M') ? (cpu / of(first, ({ cpuSeconds }) => cpuSeconds)).toFixed(2) : '–'
  const result =
    measured.get(name)![0]!.firstResultSeconds === undefined
      ? '–'
      : of(name, ({ firstResultSeconds }) => firstResultSeconds!).toFixed(2)
  console.log(
    `| ${name} | ${of(name, ({ wallSeconds }) => wallSeconds).toFixed(2)} | ${cpu.toFixed(2)} | ${ratio} | ${of(name, ({ peakMegabytes }) => peakMegabytes).toFixed(0)} | ${result} |`,
  )
}
