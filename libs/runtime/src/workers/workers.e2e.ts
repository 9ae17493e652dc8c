import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { until } from '../testing/until.ts'
import { Workbench } from '../testing/workbench.ts'
import type { WorkerProcessOptions } from './testing/worker-process.ts'

const runner = fileURLToPath(new URL('./testing/worker-process.ts', import.meta.url))
const brokers = (process.env['KAFKA_BOOTSTRAP'] ?? '').split(',')
const partitions = 4
/** A multiple of the partitions, so that the records of a key come from one of them, in their order. */
const keys = 3 * partitions

/** Values that only a structured clone can carry go with every other record. */
const program = (folder: string): string => `
  import { count, files, generator, job, sum } from 'lightflus'
  export default job('test', (flow) => {
    flow
      .source(generator.source({ perSecond: 3_000, partitions: ${partitions}, generate: (index) => index, eventTime: (index) => index }))
      .map((index) => ({ index, odd: index % 2 === 1 ? new Map([[index, 1n]]) : index }))
      .keyBy((record) => record.index % ${keys})
      .aggregate({ count: count(), sum: sum((record) => record.index) }, { name: 'counted' })
      .sinkTo(files.sink({ path: ${JSON.stringify(join(folder, 'counts.jsonl'))} }))
  })`

interface Running {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly exited: Promise<unknown>
}

/** Counts of checkpoints that the worker has told of since a line. */
const checkpointsOf = ({ lines }: Running): number => lines.filter((line) => line.startsWith('checkpoint ')).length

/** The n-th row of a key tells of its first n records, and of no other. @returns how many there are */
function expectedOnce(key: number, rows: readonly { readonly count: number; readonly sum: number }[]): number {
  const found = rows.map(({ count, sum }) => [count, sum]).sort(([a], [b]) => a - b)
  const expected = rows.map((_, at) => [at + 1, (at + 1) * key + (keys * at * (at + 1)) / 2])
  expect(found).toEqual(expected)
  return rows.length
}

describe('a deployment on several workers', () => {
  let bench: Workbench
  let bundlePath: string
  const running: Running[] = []
  beforeEach(async () => {
    bench = await Workbench.open()
    bundlePath = await bench.bundle(program(bench.folder))
  })
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    await Promise.all(running.map(({ exited }) => exited))
    await bench.close()
  })

  function start(worker: number, workers: number, parallelism: number, prefix: string): Running {
    const options: WorkerProcessOptions = {
      bundlePath,
      folder: join(bench.folder, 'checkpoints'),
      parallelism,
      placement: {
        worker,
        workers,
        exchange: { name: 'exchange', kind: 'kafka', options: { brokers } },
        topicPrefix: prefix,
      },
    }
    const child = spawn(process.execPath, ['--conditions=@lf/source', runner, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines: string[] = []
    createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
    const one: Running = { child, lines, exited: once(child, 'exit') }
    running.push(one)
    return one
  }

  const startAll = (workers: number, parallelism: number, prefix: string): Running[] =>
    Array.from({ length: workers }, (_, worker) => start(worker, workers, parallelism, prefix))

  async function checkpoints(coordinator: Running, more: number): Promise<void> {
    const before = checkpointsOf(coordinator)
    await until(`${more} more checkpoints exist`, () => checkpointsOf(coordinator) >= before + more, 60_000)
  }

  const lost = (coordinator: Running): Promise<void> =>
    until('a worker is lost', () => coordinator.lines.includes('state RESTARTING LF_PEER_LOST'), 60_000)

  async function end(all: readonly Running[], how: 'suspend' | 'drain'): Promise<void> {
    all[0].child.stdin!.write(`${how}\n`)
    await Promise.all(all.map(({ exited }) => exited))
    expect(all[0].lines.at(-1)).toBe(how === 'drain' ? 'ended DRAINED ' : 'ended SUSPENDED ')
    for (const peer of all.slice(1)) expect(peer.lines.at(-1)).toBe('ended')
  }

  it('writes every result once, whichever worker is killed or stands still, and goes on with more and fewer of them', async () => {
    const prefix = `workers-${randomUUID()}`
    const workers = startAll(2, 4, `${prefix}.a`)
    await checkpoints(workers[0], 3)

    workers[1].child.kill('SIGKILL')
    await workers[1].exited
    workers[1] = start(1, 2, 4, `${prefix}.a`)
    await lost(workers[0])
    await checkpoints(workers[0], 3)

    workers[0].child.kill('SIGKILL')
    await workers[0].exited
    workers[0] = start(0, 2, 4, `${prefix}.a`)
    await checkpoints(workers[0], 3)

    // Longer than the others wait: it wakes as one of an attempt that is no more.
    workers[1].child.kill('SIGSTOP')
    await lost(workers[0])
    workers[1].child.kill('SIGCONT')
    await checkpoints(workers[0], 3)

    // The same of the coordinator, whose place another process takes meanwhile.
    const [stopped] = workers
    stopped.child.kill('SIGSTOP')
    workers[0] = start(0, 2, 4, `${prefix}.a`)
    await checkpoints(workers[0], 3)
    stopped.child.kill('SIGCONT')
    await stopped.exited
    expect(stopped.lines).toContain('state FAILED LF_ATTEMPT_FENCED')
    await checkpoints(workers[0], 3)
    await end(workers, 'suspend')

    const alone = startAll(1, 2, `${prefix}.b`)
    await checkpoints(alone[0], 2)
    await end(alone, 'suspend')

    const three = startAll(3, 3, `${prefix}.c`)
    await checkpoints(three[0], 3)
    await end(three, 'drain')

    const rows = await bench.rows<{ key: number; count: number; sum: number }>('counts.jsonl')
    const totals = Array.from({ length: keys }, (_, key) =>
      expectedOnce(
        key,
        rows.filter((row) => row.key === key),
      ),
    )
    // A drain ends each partition where it stands: of its records none is missing, up to the last.
    for (let partition = 0; partition < partitions; partition += 1) {
      const own = totals.filter((_, key) => key % partitions === partition)
      expect(own).toEqual(own.toSorted((a, b) => b - a))
      expect(own[0] - own.at(-1)!).toBeLessThanOrEqual(1)
      expect(own[0]).toBeGreaterThan(0)
    }
  }, 400_000)
})
