import { memoryStorage } from '@lightflus/storage'
import { until } from './testing/until.ts'
import { recordsOf, Workbench } from './testing/workbench.ts'

/** A program whose map function is given; line 4 of the file holds it. */
const mapping = (fn: string): string => `import { generator, job, table } from 'lightflus'
const flowOf = (flow) => flow.source(generator.source({ generate: (index: number) => index, perSecond: 1_000 }), { name: 'numbers' })
export default job('test', (flow) => {
  flowOf(flow).map(${fn}, { name: 'mapper' })
    .sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'table' })
})`

describe('a program that misbehaves', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  it('fails with operator, record and the line of the author’s file when a function throws', async () => {
    const bundlePath = await bench.bundle(mapping('(n) => n < 5 ? n : n.missing.field'), 'orders.ts')
    const { handle } = bench.start({ bundlePath })
    const { state, error, attempt } = await handle.done
    expect({ state, attempt }).toEqual({ state: 'FAILED', attempt: 1 })
    expect(error).toMatchObject({
      code: 'LF_USER_FUNCTION',
      details: { operator: 'mapper', file: 'orders.ts', line: 4 },
    })
    expect(error!.message).toMatch(/^Job test, operator mapper, record .*@5: .* \(orders\.ts:4\)\.$/)
    const stack = (error!.cause as Error).stack!
    expect(stack).toContain('orders.ts:4:')
    expect(stack).not.toContain('file://')
  })

  it('is found when a function never returns, and named by its line', async () => {
    const bundlePath = await bench.bundle(mapping('(n) => {\n if (n === 3) for (;;) n += 0\n return n }'), 'loop.ts')
    const { handle } = bench.start({
      bundlePath,
      parallelism: 2,
      limits: { slotSilenceMsMax: 5_000 },
      slotNodeOptions: ['--permission', '--allow-fs-read=*'],
    })
    const { state, error, attempt } = await handle.done
    expect({ state, attempt }).toEqual({ state: 'FAILED', attempt: 1 })
    expect(error).toMatchObject({ code: 'LF_SLOT_UNRESPONSIVE', details: { file: 'loop.ts', line: 5 } })
    expect(error!.message).toMatch(/was silent for 5 s \(loop\.ts:5\)\.$/)
  })

  it('ends alone when it allocates without end', async () => {
    const bundlePath = await bench.bundle(mapping('(n) => { const all = []; for (;;) all.push({ n }) }'))
    const other = bench.start({ bundlePath: await bench.bundle(mapping('(n) => n'), 'other.ts') })
    const { handle } = bench.start({ bundlePath, slotHeapBytesMax: 64 * 1_048_576 })
    const { state, error } = await handle.done
    expect(state).toBe('FAILED')
    expect(error).toMatchObject({
      code: 'LF_SLOT_MEMORY',
      message: 'Slot 0 of job test reached its limit of 64 MiB of heap.',
    })
    const before = recordsOf(other, 'table').in
    await until('the other goes on', () => recordsOf(other, 'table').in > before)
    expect(await other.handle.suspend()).toMatchObject({ state: 'SUSPENDED' })
  })

  it('is told how much state its windows hold before that is more than the slot may', async () => {
    const bundlePath = await bench.bundle(`import { count, generator, job, table, tumbling } from 'lightflus'
export default job('test', (flow) => {
  flow.source(generator.source({ generate: (index: number) => index, eventTime: () => 0 }), { name: 'numbers' })
    .keyBy((n) => n).window(tumbling('1d'), { name: 'windows' }).aggregate({ n: count() })
    .sinkTo(table.sink({ row: ({ key, n }) => ({ key, n }) }), { name: 'table' })
})`)
    const { state, error, attempt } = await bench.start({ bundlePath, slotHeapBytesMax: 64 * 1_048_576 }).handle.done
    expect({ state, attempt }).toEqual({ state: 'FAILED', attempt: 1 })
    expect(error).toMatchObject({ code: 'LF_STATE_TOO_LARGE', details: { operator: 'windows' } })
    expect(error!.message).toMatch(
      /^Job test, operator windows: it holds (4|5)\d MiB of state in \d{6,7} entries; 48 MiB are allowed\.$/,
    )
  })

  it('cannot reach the worker through the inspector', async () => {
    const fn = `(n) => new (process.getBuiltinModule('inspector').Session)().connectToMainThread()`
    const { error } = await bench.start({ bundlePath: await bench.bundle(mapping(fn)) }).handle.done
    expect(error).toMatchObject({ code: 'LF_PROGRAM_EXIT' })
  })

  it.each(['exit(0)', 'kill(process.pid)', 'abort()'])(
    'may call process.%s and end nothing but itself',
    async (call) => {
      const bundlePath = await bench.bundle(mapping(`(n) => process.${call}`), 'leaving.ts')
      const { error } = await bench.start({ bundlePath }).handle.done
      expect(error).toMatchObject({ code: 'LF_PROGRAM_EXIT', details: { file: 'leaving.ts', line: 4 } })
    },
  )

  it('fails when it leaves a rejected promise behind', async () => {
    const bundlePath = await bench.bundle(
      mapping('(n) => { void Promise.reject(new Error("no")); return n }'),
      'promise.ts',
    )
    const { error } = await bench.start({ bundlePath }).handle.done
    expect(error).toMatchObject({
      code: 'LF_PROGRAM_UNCAUGHT',
      message: 'Job test left a rejected promise behind: Error: no (promise.ts:4).',
    })
  })

  it('fails when it throws in a timer of its own', async () => {
    const bundlePath = await bench.bundle(mapping('(n) => { setTimeout(() => null.x, 1); return n }'), 'timer.ts')
    const { error } = await bench.start({ bundlePath }).handle.done
    expect(error).toMatchObject({ code: 'LF_PROGRAM_UNCAUGHT', details: { file: 'timer.ts', line: 4 } })
  })

  it('prints to the job’s log, no more than so many lines a second, and sees no environment', async () => {
    const body = '(n) => { console.log("n is", n); console.error("env", Object.keys(process.env)); return n }'
    const watched = bench.start({ bundlePath: await bench.bundle(mapping(body)), limits: { logLinesPerSecondMax: 10 } })
    const left = /lines were left out: a slot may log 10 a second\.$/
    await until('lines were left out', () => watched.lines.some(({ message }) => left.test(message)))
    await watched.handle.cancel()
    expect(watched.lines).toContainEqual({ at: expect.any(Number), level: 'info', operator: null, message: 'n is 0' })
    expect(watched.lines).toContainEqual({ at: expect.any(Number), level: 'error', operator: null, message: 'env []' })
    const seconds = (watched.lines.at(-1)!.at - watched.lines[0].at) / 1_000 + 1
    expect(watched.lines.length).toBeLessThan(12 * seconds + 5)
  })

  it('fails at its line when it throws while it is loaded', async () => {
    const { error } = await bench.start({ bundlePath: await bench.bundle('null.x\nexport default 1', 'top.ts') }).handle
      .done
    expect(error).toMatchObject({ code: 'LF_BUNDLE_UNREADABLE', details: { file: 'top.ts', line: 1 } })
  })

  it('fails at its line when it throws while its graph is built', async () => {
    const text = "import { job } from 'lightflus'\nexport default job('test', () => {\n  null.x\n})"
    const { error } = await bench.start({ bundlePath: await bench.bundle(text, 'build.ts') }).handle.done
    expect(error).toMatchObject({ code: 'LF_PROGRAM_BUILD', details: { file: 'build.ts', line: 3 } })
  })

  it.each([
    ['nothing', 'export const x = 1', 'LF_PROGRAM_NO_JOB'],
    ['another job', "import { job } from 'lightflus'; export default job('other', () => {})", 'LF_GRAPH_MISMATCH'],
  ])('is refused when it exports %s', async (_, text, code) => {
    const { state, error } = await bench.start({ bundlePath: await bench.bundle(text) }).handle.done
    expect({ state, code: error?.code }).toEqual({ state: 'FAILED', code })
  })

  it('is refused when it builds another graph than its version, before it claims the job', async () => {
    const storage = memoryStorage()
    const bundlePath = await bench.bundle(mapping('(n) => n'))
    const { handle } = bench.start({ bundlePath, storage, graphHash: 'ab'.repeat(32) })
    const { error, attempt } = await handle.done
    expect({ code: error?.code, attempt }).toEqual({ code: 'LF_GRAPH_MISMATCH', attempt: 0 })
    expect(await storage.list('')).toEqual([])
  })

  it('is refused when it builds another graph in every slot', async () => {
    const text = `import { generator, job, table } from 'lightflus'
      export default job('test', (flow) => {
        flow.source(generator.source({ generate: (n) => n, seed: Math.floor(Math.random() * 1e9) })).sinkTo(table.sink())
      })`
    const { error } = await bench.start({ bundlePath: await bench.bundle(text), parallelism: 2 }).handle.done
    expect(error?.code).toBe('LF_GRAPH_MISMATCH')
  })

  it('is told which connection it lacks', async () => {
    const text = `import { job, kafka, table, text } from 'lightflus'
      export default job('test', (flow) => {
        flow.source(kafka.source({ connection: 'lines', topic: 'lines', value: text() }))
          .sinkTo(table.sink({ row: (line) => ({ line }) }))
      })`
    const connections = [{ name: 'shop', kind: 'kafka', options: {} }]
    const { error } = await bench.start({ bundlePath: await bench.bundle(text), connections }).handle.done
    expect(error).toMatchObject({ code: 'LF_CONNECTION_MISSING' })
    expect(error!.message).toContain("'lines'")
    expect(error!.message).toContain('shop')
  })
})
