import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Workbench } from './testing/workbench.ts'

const runner = fileURLToPath(new URL('./testing/run-as-process.ts', import.meta.url))
const keys = 7
const records = 30_000

const program = (folder: string): string => `
  import { count, files, generator, job, tumbling } from 'lightflus'
  export default job('test', (flow) => {
    const numbers = flow.source(generator.source({
      count: ${records}, perSecond: 10_000, partitions: 3,
      generate: (index) => ({ index, key: index % ${keys} }), eventTime: ({ index }) => index,
    }))
    const keyed = numbers.keyBy(({ key }) => key)
    keyed.aggregate({ count: count() }, { name: 'counted' })
      .sinkTo(files.sink({ path: ${JSON.stringify(join(folder, 'counts.jsonl'))} }))
    keyed.window(tumbling(1_000)).aggregate({ count: count() }, { name: 'windowed' })
      .sinkTo(files.sink({ path: ${JSON.stringify(join(folder, 'windows.jsonl'))} }))
  })`

describe('a deployment whose process is killed', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  /** Runs the job in a process of its own; kills that after so many checkpoints. The last line that it printed. */
  async function run(bundlePath: string, parallelism: number, killAfter: number): Promise<string> {
    const child = spawn(
      process.execPath,
      ['--conditions=@lf/source', runner, bundlePath, join(bench.folder, 'checkpoints'), String(parallelism)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const exited = once(child, 'exit')
    let last = ''
    let seen = 0
    for await (const line of createInterface({ input: child.stdout })) {
      last = line
      seen += 1
      if (seen === killAfter) child.kill('SIGKILL')
    }
    await exited
    return last
  }

  it('goes on from its newest checkpoint: every result comes, and none is wrong', async () => {
    // Goal: at least once under real SIGKILL in the middle of writing, at changing numbers of slots.
    const bundlePath = await bench.bundle(program(bench.folder))
    for (const [parallelism, killAfter] of [
      [2, 3],
      [1, 1],
      [3, 7],
      [2, 2],
    ]) {
      expect(await run(bundlePath, parallelism, killAfter)).toMatch(/^checkpoint \d+ of attempt \d+$/)
    }
    expect(await run(bundlePath, 2, Infinity)).toBe('FINISHED ')

    const counts = await bench.rows<{ key: number; count: number }>('counts.jsonl')
    const expected = Array.from({ length: records }, (_, index) => `${index % keys}: ${Math.floor(index / keys) + 1}`)
    expect(new Set(counts.map(({ key, count }) => `${key}: ${count}`))).toEqual(new Set(expected))

    const windows = await bench.rows<{ key: number; window: { start: number }; count: number }>('windows.jsonl')
    const fired = new Map<string, number>()
    for (let index = 0; index < records; index += 1) {
      const id = `${index % keys} in ${Math.floor(index / 1_000) * 1_000}`
      fired.set(id, (fired.get(id) ?? 0) + 1)
    }
    const found = windows.map(({ key, window, count }) => `${key} in ${window.start}: ${count}`)
    expect(new Set(found)).toEqual(new Set(Array.from(fired, ([id, count]) => `${id}: ${count}`)))
  }, 60_000)
})
