import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface Measurement {
  /** From the process's start to its end. */
  readonly wallSeconds: number
  /** From the process's start to its first result line; undefined where the run has none. */
  readonly firstResultSeconds: number | undefined
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  /** Every line that it printed. */
  readonly lines: readonly string[]
}

const root = join(import.meta.dirname, '..')

/** One whole `lightflus` process in a fresh folder, from start to end, which `check` is shown before it is cleared. */
export async function measure(args: readonly string[], check: (folder: string) => Promise<void>): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'lightflus-bench-'))
  const startedAt = performance.now()
  const command = [
    '--import',
    join(import.meta.dirname, 'report-usage.js'),
    join(root, 'apps/cli/dist/main.js'),
    ...args,
  ]
  const child = spawn(process.execPath, command, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  const usage = text(child.stdio[3] as NodeJS.ReadableStream as NodeJS.ReadStream)
  const lines: string[] = []
  let firstResultSeconds: number | undefined
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    lines.push(...chunk.split('\n').filter(Boolean))
    if (firstResultSeconds === undefined && chunk.includes('"type":"row"'))
      firstResultSeconds = (performance.now() - startedAt) / 1_000
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const wallSeconds = (performance.now() - startedAt) / 1_000
  if (code !== 0) throw new Error(`lightflus ${args.join(' ')} ended with ${code}: ${lines.slice(-3).join(' ')}`)
  await check(folder)
  await rm(folder, { recursive: true })
  return {
    wallSeconds,
    firstResultSeconds,
    lines,
    ...(JSON.parse(await usage) as { cpuSeconds: number; peakMegabytes: number }),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2
}
