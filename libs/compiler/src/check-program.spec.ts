import { canonicalGraph } from '@lightflus/api'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkProgram } from './check-program.ts'
import { closeCompiler } from './close-compiler.ts'
import { check, lines, programText } from './testing/programs.ts'

// Goal: an author gets every mistake at its place, and a valid program gives the bundle and graph that a worker builds.

afterAll(closeCompiler)

const orders = `import { count, job, kafka, redis, sum, tumbling } from 'lightflus'
import { z } from 'zod'

const Order = z.object({ user: z.string(), amount: z.number().refine((n) => n > 0), at: z.iso.datetime() })

export default job('orders', (flow) => {
  const orders = flow.source(
    kafka.source({ connection: 'shop', topic: 'orders', value: Order, eventTime: (o) => Date.parse(o.at), outOfOrderness: '5s' }),
  )
  const perUser = orders.filter((o) => o.amount > 1).keyBy((o) => o.user)
  perUser
    .window(tumbling('1m'), { name: 'per-minute' })
    .aggregate({ orders: count(), spent: sum((o) => o.amount) })
    .sinkTo(redis.sink({ connection: 'cache', key: (r) => r.key, value: (r) => r.spent }))
  perUser.aggregate({ orders: count() }).sinkTo(redis.sink({ connection: 'cache', key: (r) => r.key, value: (r) => r.orders }))
})
`

describe('a valid program', () => {
  it('may leave a process function without keys unnamed, since it keeps no state', async () => {
    const checked = await check(`import { generator, job, state, table } from 'lightflus'

export default job('processed', (flow) => {
  const numbers = flow.source(generator.source({ generate: (index) => ({ index }), count: 3 }))
  numbers.process({ onRecord: (n) => [n] }).sinkTo(table.sink())
  numbers
    .keyBy(({ index }) => index)
    .process({ state: { seen: state.value<number>() }, onRecord: (n) => [n] })
    .sinkTo(table.sink())
})
`)
    expect(lines(checked.diagnostics)).toEqual([
      'test.ts:-:- LF_PROGRAM_UNNAMED warning: Operator process-2 keeps state but has no name, so a change of the program could not find its state again.',
    ])
  })

  it('gives a graph, its hash, the connections it needs, and a warning for state without a name', async () => {
    const checked = await check(orders)
    expect(lines(checked.diagnostics)).toEqual([
      'test.ts:-:- LF_PROGRAM_UNNAMED warning: Operator aggregate-1 keeps state but has no name, so a change of the program could not find its state again.',
    ])
    expect(checked.graph?.operators.map(({ id }) => id)).toEqual([
      'source-1',
      'filter-1',
      'keyBy-1',
      'per-minute',
      'sink-1',
      'aggregate-1',
      'sink-2',
    ])
    expect(checked.graphHash).toBe(createHash('sha256').update(canonicalGraph(checked.graph!)).digest('hex'))
    expect(checked.connections).toEqual([
      { name: 'shop', connector: 'kafka', operators: ['source-1'] },
      { name: 'cache', connector: 'redis', operators: ['sink-1', 'sink-2'] },
    ])
  })

  it('gives a bundle that stands alone, and builds the same graph outside the sandbox', async () => {
    const { bundle, graph, graphHash } = await check(orders)
    expect(bundle!.sha256).toBe(createHash('sha256').update(bundle!.text).digest('hex'))
    const folder = mkdtempSync(join(tmpdir(), 'lightflus-bundle-'))
    const path = join(folder, 'bundle.mjs')
    writeFileSync(path, bundle!.text)
    const module = (await import(pathToFileURL(path).href)) as { default: { build(): { graph: typeof graph } } }
    rmSync(folder, { recursive: true })
    const built = module.default.build().graph!
    expect(JSON.parse(canonicalGraph(built))).toEqual(graph)
    expect(createHash('sha256').update(canonicalGraph(built)).digest('hex')).toBe(graphHash)
  })

  it('always gives the same bundle, which names no path of this machine', async () => {
    const [first, second] = [await check(orders), await checkProgram({ fileName: 'test.ts', text: orders })]
    expect(first.bundle!.text).toBe(second.bundle!.text)
    expect(first.bundle!.text).not.toContain(process.cwd())
    expect(first.bundle!.sourceMap).not.toContain(process.cwd())
    expect(JSON.parse(first.bundle!.sourceMap).sources.filter(Boolean)).toEqual(['test.ts'])
  })

  it("leaves zod's messages in other languages out unless they are asked for", async () => {
    const plain = await check(programText({ top: `import { z } from 'zod'\nz.string()` }))
    const german = await check(programText({ top: `import { z } from 'zod'\nz.config(z.locales.de())` }))
    expect(plain.bundle!.text.length).toBeLessThan(german.bundle!.text.length / 1.5)
    expect(german.bundle!.text).toContain('Ungültige Eingabe')
  })

  it('may parse with zod, await, and use what later standards brought, while it is built', async () => {
    const top = `import { z } from 'zod'
      const Shape = z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('a'), at: z.iso.datetime().transform((text) => Date.parse(text)) }),
        z.looseObject({ kind: z.literal('b'), list: z.array(z.coerce.number()).min(1).default([1]), when: z.record(z.string(), z.email()).optional() }),
      ])
      const parsed = Shape.safeParse({ kind: 'a', at: 'no date' })
      if (parsed.success || z.prettifyError(parsed.error) === '') throw new Error('zod does not work')
      if (Shape.parse({ kind: 'a', at: '2024-05-06T07:08:09Z' }).kind !== 'a') throw new Error('zod does not work')
      const waited = await Promise.resolve([1, 2, 3].toSorted().at(-1))
      if (waited !== 3 || Object.groupBy([1], () => 'x').x?.length !== 1) throw new Error('too old')
      const decoder = new TextDecoder('utf-8', { fatal: true })
      const format = new Intl.DateTimeFormat('de')
      export const later = (bytes: Uint8Array) => decoder.decode(bytes) + format.format(0)`
    expect(lines((await check(programText({ top }))).diagnostics)).toEqual([])
  })

  it('sees a fixed clock, fixed randomness, no environment and a console that is collected', async () => {
    const top = `console.log('built at', new Date().getFullYear(), Date.now() === +new Date(), { random: Math.random() < 1 })`
    const checked = await check(programText({ top }))
    expect(checked.console).toEqual(['built at 2000 true {"random":true}'])
    const named = `import { job, generator, table } from 'lightflus'
      const name = 'a' + Math.floor(Math.random() * 1e9) + Date.now()
      export default job(name, (flow) => flow.source(generator.source({ generate: (i) => i, count: 1 })).sinkTo(table.sink({})))`
    const [first, second] = [await check(named, { types: false }), await check(`${named}\n`, { types: false })]
    expect(first.graphHash).not.toBeNull()
    expect(first.graphHash).toBe(second.graphHash)
    const environment = `const found = ['process', 'require', 'fetch', 'setTimeout', 'std', 'os', 'print', 'WebAssembly'].filter((name) => name in globalThis)
      console.log(found.length)`
    expect((await check(programText({ top: environment }))).console).toEqual(['0'])
  })
})

describe('a mistake', () => {
  it('of syntax: all of them, and nothing that follows from them', async () => {
    expect(lines((await check(`const a: number = (1\nlet b = 'x' * 2\nexport default a b`)).diagnostics)).toEqual([
      "test.ts:2:1 LF_PROGRAM_SYNTAX error: ')' expected.",
      "test.ts:3:18 LF_PROGRAM_SYNTAX error: ';' expected.",
    ])
  })

  it('that only the bundler finds is one of syntax', async () => {
    const { diagnostics } = await check(programText({ top: 'const twice = 1\nconst twice = 2' }), { types: false })
    expect(lines(diagnostics)).toEqual([
      'test.ts:3:7 LF_PROGRAM_SYNTAX error: The symbol "twice" has already been declared',
    ])
  })

  it('of types, imports and the graph: all at once', async () => {
    const text = orders
      .replace('o.amount > 1', 'o.amuont > 1')
      .replace("name: 'per-minute'", "nmae: 'per-minute'")
      .replace(
        "from 'zod'",
        `from 'zod'\nimport { readFileSync } from 'node:fs'\nimport './other.ts'\nreadFileSync('/etc/passwd')`,
      )
    expect(lines((await check(text)).diagnostics)).toEqual([
      "test.ts:3:30 LF_PROGRAM_IMPORT error: 'node:fs' is a module of Node; a program has no access to it. Outside systems are reached through connectors.",
      "test.ts:4:8 LF_PROGRAM_IMPORT error: './other.ts' is another file; a program on the platform is one file.",
      "test.ts:13:42 LF_PROGRAM_TYPE error: Property 'amuont' does not exist on type '{ user: string; amount: number; at: string; }'. Did you mean 'amount'?",
      "test.ts:15:31 LF_PROGRAM_TYPE error: Object literal may only specify known properties, and 'nmae' does not exist in type 'WindowOptions<{ user: string; amount: number; at: string; }, \"accumulating\">'.",
    ])
  })

  it.each([
    [
      `import pg from 'pg'; pg.x`,
      "'pg' cannot be imported; a program on the platform may import 'lightflus' and 'zod'.",
    ],
    [`import fs from 'fs'`, /^'fs' is a module of Node/],
    [`import type { Stats } from 'node:fs'; export type A = Stats`, /^'node:fs' is a module of Node/],
    [`import 'https://example.org/x.js'`, /^'https:\/\/example.org\/x.js' cannot be imported/],
    [`import 'data:text/javascript,1'`, /^'data:text\/javascript,1' cannot be imported/],
    [`import '/etc/passwd'`, /^'\/etc\/passwd' is another file/],
    [`import 'lightflus-x'`, /^'lightflus-x' cannot be imported/],
    [`void import('node:fs')`, /^'node:fs' is a module of Node/],
    [`const name = 'node:' + 'fs'; void import(name)`, 'import() must name its module by a literal text.'],
  ])('of imports: %s', async (top, message) => {
    const { diagnostics, bundle } = await check(programText({ top }))
    expect(bundle).toBeNull()
    expect(diagnostics).toEqual([expect.objectContaining({ code: 'LF_PROGRAM_IMPORT', line: 2 })])
    expect(diagnostics[0]!.message).toMatch(message)
  })

  it('of globals does not advise to install types', async () => {
    expect(lines((await check(programText({ build: 'console.log(process.env.HOME)' }))).diagnostics)).toEqual([
      "test.ts:4:15 LF_PROGRAM_TYPE error: Cannot find name 'process'. Only the language's own globals and a few more (console, TextDecoder, URL, …) are there in a program.",
      "test.ts:4:15 LF_PROGRAM_BUILD error: Building the graph failed: ReferenceError: 'process' is not defined",
    ])
  })

  it('in an option is found in the sandbox too, at the line that gave it', async () => {
    const text = orders.replace("name: 'per-minute'", "nmae: 'per-minute'")
    const { diagnostics } = await check(text, { types: false })
    expect(lines(diagnostics)).toEqual([
      "test.ts:12:6 LF_PROGRAM_OPTION error: window: unknown option 'nmae'; known are name, formerly, onError, allowedLateness, lateOutput, trigger, panes, startEmpty.",
    ])
  })

  it.each([
    [
      'a throw',
      `throw new TypeError('no luck')`,
      'test.ts:4:13 LF_PROGRAM_BUILD error: Building the graph failed: TypeError: no luck',
    ],
    [
      'a throw of text',
      `throw 'no luck'`,
      'test.ts:-:- LF_PROGRAM_BUILD error: Building the graph failed: Error: threw no luck',
    ],
    [
      'a stand-in',
      `void new TextEncoder().encode('x')`,
      'test.ts:4:26 LF_PROGRAM_BUILD error: Building the graph failed: Error: TextEncoder.encode is not available while the graph is built, only in the functions that run on records.',
    ],
  ])('while the graph is built: %s', async (_, build, line) => {
    expect(lines((await check(programText({ build }))).diagnostics)).toEqual([line])
  })

  it.each([
    ['nothing', `import { job } from 'lightflus'\njob`],
    ['function', `export default () => 1`],
    ['object', `export default { name: 'x', build() {} }`],
    ['null', `export default null`],
  ])('of exports: %s', async (found, text) => {
    expect(lines((await check(text)).diagnostics)).toEqual([
      `test.ts:-:- LF_PROGRAM_NO_JOB error: The default export is ${found}, not a job made by job().`,
    ])
  })
})
