import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { recordsOf, Workbench } from './testing/workbench.ts'
import { until } from './testing/until.ts'

interface Counted {
  readonly key: string
  readonly count: number
}

const wordCount = (folder: string): string => `
  import { count, files, job } from 'lightflus'
  export default job('test', (flow) => {
    flow
      .source(files.source({ path: ${JSON.stringify(join(folder, 'lines-*.txt'))}, format: 'text' }), { name: 'lines' })
      .flatMap((line) => line.split(' ').filter((word) => word !== ''))
      .keyBy((word) => word)
      .aggregate({ count: count() }, { name: 'count' })
      .sinkTo(files.sink({ path: ${JSON.stringify(join(folder, 'out.jsonl'))} }), { name: 'out' })
  })`

const endless = `
  import { generator, job, table } from 'lightflus'
  export default job('test', (flow) => {
    flow
      .source(generator.source({ generate: (index) => index }), { name: 'numbers' })
      .sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'table' })
  })`

describe('a deployment', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  it('counts words as a plain loop does, whatever the lines and the number of slots', async () => {
    // Goal: exchange, end of input and the final checkpoint lose and repeat nothing.
    const word = fc.constantFrom('a', 'be', 'sea', 'dee', 'ö', '漢字', '0', '__proto__', 'constructor')
    const file = fc.array(
      fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
      { maxLength: 40 },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (texts, slots) => {
          const run = await Workbench.open()
          try {
            for (const [index, lines] of texts.entries()) {
              await writeFile(join(run.folder, `lines-${index}.txt`), lines.map((line) => `${line}\n`).join(''))
            }
            const { handle } = run.start({ bundlePath: await run.bundle(wordCount(run.folder)), parallelism: slots })
            expect(await handle.done).toMatchObject({ state: 'FINISHED', attempt: 1, error: undefined })
            const expected = new Map<string, number>()
            for (const each of texts.flat().join(' ').split(' ')) {
              if (each !== '') expected.set(each, (expected.get(each) ?? 0) + 1)
            }
            const rows = await run.rows<Counted>('out.jsonl')
            expect(rows).toHaveLength(expected.size)
            expect(new Map(rows.map(({ key, count }) => [key, count]))).toEqual(expected)
          } finally {
            await run.close()
          }
        },
      ),
      { numRuns: 6 },
    )
  })

  it.each([1, 2, 3, 4])('fires every window of a generated stream with %i slots', async (parallelism) => {
    const bundlePath = await bench.bundle(`
      import { count, files, generator, job, sum, tumbling } from 'lightflus'
      export default job('test', (flow) => {
        flow
          .source(generator.source({
            count: 20_000, partitions: 3, eventTime: ({ at }) => at,
            generate: (index) => ({ user: 'u' + (index % 7), amount: index, at: index }),
          }))
          .keyBy(({ user }) => user)
          .window(tumbling('5s'))
          .aggregate({ orders: count(), spent: sum(({ amount }) => amount) })
          .sinkTo(files.sink({ path: ${JSON.stringify(join(bench.folder, 'out.jsonl'))} }))
      })`)
    const { handle } = bench.start({ bundlePath, parallelism })
    expect(await handle.done).toMatchObject({ state: 'FINISHED' })
    const expected = new Map<string, { orders: number; spent: number }>()
    for (let index = 0; index < 20_000; index += 1) {
      const id = `u${index % 7} ${Math.floor(index / 5_000)}`
      const { orders, spent } = expected.get(id) ?? { orders: 0, spent: 0 }
      expected.set(id, { orders: orders + 1, spent: spent + index })
    }
    const rows = await bench.rows<{ key: string; window: { start: number }; orders: number; spent: number }>(
      'out.jsonl',
    )
    const found = rows.map(
      ({ key, window, orders, spent }) => [`${key} ${window.start / 5_000}`, { orders, spent }] as const,
    )
    expect(new Map(found)).toEqual(expected)
    expect(found).toHaveLength(expected.size)
  })

  it('tells its figures: metrics by operator in the order of the graph, usage of sources and sinks', async () => {
    await writeFile(join(bench.folder, 'lines-0.txt'), 'a b a\nb a\n')
    const { handle } = bench.start({ bundlePath: await bench.bundle(wordCount(bench.folder)), parallelism: 2 })
    await handle.done
    expect(handle.metrics().map(({ operator, recordsIn, recordsOut }) => [operator, recordsIn, recordsOut])).toEqual([
      ['lines', 2, 2],
      ['flatMap-1', 2, 5],
      ['keyBy-1', 5, 5],
      ['count', 5, 2],
      ['out', 2, 2],
    ])
    const usage = handle.usage()
    expect(usage).toMatchObject({ recordsIn: 2, recordsOut: 2, bytesIn: 10 })
    expect(usage.bytesOut).toBeGreaterThan(0)
    expect(usage.slotSeconds).toBeGreaterThan(0)
    expect(handle.usage()).toEqual(usage)
  })

  it('goes through its states in order and leaves its number in the log', async () => {
    const watched = bench.start({ bundlePath: await bench.bundle(endless) })
    expect(watched.handle.state).toBe('STARTING')
    await until('records flow', () => recordsOf(watched, 'table').in > 0)
    const outcome = await watched.handle.suspend()
    expect(outcome).toMatchObject({ state: 'SUSPENDED', attempt: 1, checkpoint: { kind: 'savepoint', attempt: 1 } })
    expect(watched.states.map(({ state }) => state)).toEqual(['STARTING', 'RUNNING', 'SUSPENDED'])
    expect(watched.checkpoints).toEqual([outcome.checkpoint])
  })

  it('stops with a savepoint, drains without reading on, cancels at once', async () => {
    const bundlePath = await bench.bundle(endless)
    const started = [1, 2, 3].map(() => bench.start({ bundlePath, parallelism: 2 }))
    for (const each of started) await until('records flow', () => recordsOf(each, 'table').in > 0)
    const [stopped, drained, cancelled] = started.map(({ handle }) => handle)
    expect(await stopped.stop()).toMatchObject({ state: 'STOPPED', checkpoint: { kind: 'savepoint' } })
    expect(await drained.drain()).toMatchObject({ state: 'DRAINED', checkpoint: { kind: 'checkpoint' } })
    expect(await cancelled.cancel()).toMatchObject({ state: 'CANCELLED', checkpoint: undefined })
  })

  it('is not running before what it reads from has answered, and can be cancelled until then', async () => {
    const silent = createServer()
    const called = once(silent, 'connection')
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    const { port } = silent.address() as AddressInfo
    const bundlePath = await bench.bundle(`
      import { job, kafka, table, text } from 'lightflus'
      export default job('test', (flow) => {
        flow.source(kafka.source({ connection: 'lines', topic: 'lines', value: text() }))
          .sinkTo(table.sink({ row: (line) => ({ line }) }))
      })`)
    const connections = [{ name: 'lines', kind: 'kafka', options: { brokers: [`127.0.0.1:${port}`] } }]
    const { handle, states } = bench.start({ bundlePath, connections })
    const [socket] = (await called) as [Socket]
    expect(handle.state).toBe('STARTING')
    expect(await handle.cancel()).toMatchObject({ state: 'CANCELLED', attempt: 1 })
    expect(states.map(({ state }) => state)).toEqual(['STARTING', 'CANCELLED'])
    socket.destroy()
    silent.close()
  })

  it('keeps a request that comes before it runs', async () => {
    const bundlePath = await bench.bundle(endless)
    expect(await bench.start({ bundlePath }).handle.suspend()).toMatchObject({ state: 'SUSPENDED' })
    expect(await bench.start({ bundlePath }).handle.cancel()).toMatchObject({ state: 'CANCELLED', attempt: 0 })
  })

  it('sends result rows on, the newest of each key', async () => {
    const rows = new Map<string, unknown>()
    const bundlePath = await bench.bundle(`
      import { count, generator, job, table } from 'lightflus'
      export default job('test', (flow) => {
        flow
          .source(generator.source({ count: 1_000, generate: (index) => index % 3 }))
          .keyBy((n) => n)
          .aggregate({ count: count() })
          .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'live' })
      })`)
    const { handle } = bench.start({
      bundlePath,
      onRows: (sink, published) => published.forEach(({ key, row }) => rows.set(`${sink} ${key}`, row?.count)),
    })
    await handle.done
    expect(Object.fromEntries(rows)).toEqual({ 'live 0': 334, 'live 1': 333, 'live 2': 333 })
  })

  it('refuses options that are out of bounds, all of them at once', async () => {
    const { handle } = bench.start({
      bundlePath: 'nowhere.mjs',
      parallelism: 0,
      slotHeapBytesMax: 1,
      checkpointIntervalMs: 0.5,
    })
    const { state, error } = await handle.done
    expect(state).toBe('FAILED')
    expect(error).toMatchObject({ code: 'LF_DEPLOYMENT_OPTION' })
    expect(error!.message).toMatch(/parallelism .*; slotHeapBytesMax .*; checkpointIntervalMs /)
  })
})
