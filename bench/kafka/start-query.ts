import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Delivery = 'exactly-once' | 'at-least-once'

export function deliveryOf(text: string): Delivery {
  if (text === 'exactly-once' || text === 'at-least-once') return text
  throw new Error(`--delivery is exactly-once or at-least-once, not ${text}`)
}

export interface QueryProcessOptions {
  /** Name of a query of Nexmark, or `wc`. */
  readonly query: string
  readonly bootstrap: string
  readonly input: string
  readonly output: string
  /** Whether it ends with what the topic holds at its start. */
  readonly bounded: boolean
  readonly slots: string
  readonly checkpointInterval: string
  readonly delivery: Delivery
}

/** One `lightflus run` of a query from topic to topic. */
export interface QueryProcess {
  readonly child: ChildProcess
  /** Resolves with what it exited with, once its folder is gone. */
  readonly ended: Promise<number | null>
  /** The end of what it has printed. */
  printed(): string
}

const bench = join(import.meta.dirname, '..')

export const programOf = (query: string): string =>
  join(bench, query === 'wc' ? 'word-count/word-count.ts' : `nexmark/queries/${query}.ts`)

/** A program sees neither arguments nor environment, so one is written that says where the query reads and writes. */
export async function startQuery(options: QueryProcessOptions): Promise<QueryProcess> {
  const { query, bootstrap, input, output, bounded, slots, checkpointInterval, delivery } = options
  const folder = await mkdtemp(join(tmpdir(), 'lightflus-bench-'))
  const entry = join(folder, 'job.ts')
  await writeFile(
    entry,
    `import query from '${programOf(query)}'
import { configure } from '${join(bench, 'nexmark/settings.ts')}'

configure({
  source: { kind: 'kafka', topic: '${input}', bounded: ${bounded} },
  sink: { kind: 'kafka', topic: '${output}', delivery: '${delivery}' },
})
export default query
`,
  )
  const args = [
    join(bench, '../apps/cli/dist/main.js'),
    ...['run', entry, '--no-check', '-o', 'json', '-p', slots],
    ...['--state', join(folder, 'state'), '--checkpoint-interval', checkpointInterval],
  ]
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LIGHTFLUS_CONNECTION_NEXMARK: `kafka://${bootstrap}` },
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed = (printed + chunk).slice(-4_096)))
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    ended: closed.finally(() => rm(folder, { recursive: true })),
    printed: () => printed,
  }
}
