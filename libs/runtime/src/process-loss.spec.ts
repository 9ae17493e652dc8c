import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Workbench } from './testing/workbench.ts'

const runner = fileURLToPath(new URL('./testing/run-as-process.ts', import.meta.url))
const keys = 7
const windowMs = 1_000

/** Each number is its own event time, so what is counted by key and what is counted by window must agree. */
const program = (folder: string): string => `
  import { count, files, generator, job, tumbling } from 'lightflus'
  export default job('test', (flow) => {
    const keyed = flow
      .source(generator.source({ perSecond: 4_000, partitions: 3, generate: (index) => index, eventTime: (index) => index }))
      .keyBy((index) => index % ${keys})
    keyed.aggregate({ count: count() }, { name: 'counted' })
      .sinkTo(files.sink({ path: ${JSON.stringify(join(folder, 'counts.jsonl'))} }))
    keyed.window(tumbling(${windowMs})).aggregate({ count: count() }, { name: 'windowed' })
      .sinkTo(files.sink({ path: ${JSON.stringify(join(folder, 'windows.jsonl'))} }))
  })`

describe('a deployment whose process is killed', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  /** Runs the job in a process of its own until that is killed, or has drained; the last line that it printed. */
  async function run(bundlePath: string, slots: number, after: { kill?: number; drain?: number }): Promise<string> {
    const checkpoints = join(bench.folder, 'checkpoints')
    const child = spawn(
      process.execPath,
      ['--conditions=@lf/source', runner, bundlePath, checkpoints, String(slots), String(after.drain ?? 0)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const exited = once(child, 'exit')
    let last = ''
    let seen = 0
    for await (const line of createInterface({ input: child.stdout })) {
      last = line
      seen += 1
      if (seen === after.kill) child.kill('SIGKILL')
    }
    await exited
    return last
  }

  it('goes on from its newest checkpoint: every result comes, and none is wrong', async () => {
    // Goal: at least once under real SIGKILL in the middle of writing, at changing numbers of slots.
    const bundlePath = await bench.bundle(program(bench.folder))
    const kills = [
      { slots: 2, kill: 3 },
      { slots: 1, kill: 1 },
      { slots: 3, kill: 7 },
      { slots: 2, kill: 2 },
    ]
    for (const { slots, kill } of kills) {
      expect(await run(bundlePath, slots, { kill })).toMatch(/^checkpoint \d+ of attempt \d+$/)
    }
    expect(await run(bundlePath, 2, { drain: 3 })).toBe('DRAINED ')

    const counts = await bench.rows<{ key: number; count: number }>('counts.jsonl')
    const totals = Array.from({ length: keys }, (_, key) =>
      Math.max(...counts.filter((row) => row.key === key).map(({ count }) => count)),
    )
    // Every count of each key has come, from one on: nothing was lost, and state never fell behind its positions.
    const expected = totals.flatMap((total, key) => Array.from({ length: total }, (_, index) => `${key}: ${index + 1}`))
    expect(new Set(counts.map(({ key, count }) => `${key}: ${count}`))).toEqual(new Set(expected))

    const windows = await bench.rows<{ key: number; window: { start: number }; count: number }>('windows.jsonl')
    const found = new Set(windows.map(({ key, window, count }) => `${key} in ${window.start}: ${count}`))
    const read = totals.reduce((sum, total) => sum + total, 0)
    const fired = new Map<string, number>()
    for (let index = 0; index < read; index += 1) {
      const id = `${index % keys} in ${Math.floor(index / windowMs) * windowMs}`
      fired.set(id, (fired.get(id) ?? 0) + 1)
    }
    // A drain ends each partition where it stands, so the last numbers read have gaps between them.
    const whole = [...fired].filter(([id]) => Number(id.split(' ')[2]) < read - 4 * windowMs)
    for (const [id, count] of whole) expect(found).toContain(`${id}: ${count}`)
    expect(whole.length).toBeGreaterThan(0)
    const settled = [...found].filter((each) => Number(each.split(/ in |: /)[1]) < read - 4 * windowMs)
    expect(settled).toHaveLength(whole.length)
  }, 60_000)
})
