import { jest } from '@jest/globals'
import { closeCompiler } from './close-compiler.ts'
import { check, lines, programText } from './testing/programs.ts'

// Goal: no program hurts the process that checks it, keeps it busy, or gets more out of it than diagnostics.

jest.setTimeout(120_000)
const limits = { buildMsMax: 500, memoryBytesMax: 64 * 2 ** 20 }
const hostile = (top: string) => check(programText({ top }), { types: false, limits })

/** After every program: the next one is checked as if nothing had been. */
afterEach(async () => {
  const next = await check(programText({ top: '// honest' }), { types: false })
  expect(lines(next.diagnostics)).toEqual([])
})
afterAll(closeCompiler)

it.each([
  ['for(;;);'],
  ['for(;;) { try { for(;;); } catch {} }'],
  ['try { for(;;); } finally { for(;;); }'],
  [`/(a+)+b/.test('a'.repeat(100))`],
  ['[1, 2, 3].sort(() => { for(;;); })'],
  ['await (async () => { for(;;) await 0 })()'],
  ['const next = (): unknown => Promise.resolve().then(next); await next()'],
  ['throw { get message() { for(;;); } }'],
  ['throw new Proxy({}, { get() { for(;;); } })'],
  ['const big = new Uint8Array(3e7); for (;;) big.slice()'],
])('ends what does not end: %s', async (top) => {
  expect(lines((await hostile(top)).diagnostics)).toEqual([
    'test.ts:-:- LF_PROGRAM_LIMIT error: Building the graph took longer than 0.5 s.',
  ])
})

it('ends a build function that does not end', async () => {
  const { diagnostics } = await check(programText({ build: 'while (true) flow.toString()' }), { limits })
  expect(lines(diagnostics)).toEqual(['test.ts:-:- LF_PROGRAM_LIMIT error: Building the graph took longer than 0.5 s.'])
})

it.each([
  ['const all: unknown[] = []; for(;;) all.push(new Uint8Array(1e6))'],
  ['const all: unknown[] = []; for(;;) all.push({})'],
  [`'x'.repeat(2 ** 30 - 1)`],
  ['new Array(2 ** 32 - 1).fill(0)'],
  [`const o: Record<string, number> = {}; for (let i = 0; ; i++) o['k' + i] = i`],
  ['const f = (): unknown => f(); f()'],
  ['type T = { a?: T }; let o: T = {}; for (let i = 0; i < 1e5; i++) o = { a: o }; JSON.stringify(o)'],
  [`eval('['.repeat(1e5))`],
])('bounds what takes memory or stack: %s', async (top) => {
  const { diagnostics } = await hostile(top)
  expect(diagnostics).toEqual([expect.objectContaining({ code: 'LF_PROGRAM_LIMIT', severity: 'error' })])
})

it.each([
  ['a graph of ten million operators', 'Array.from({ length: 1e7 }, (_, i) => ({ id: String(i) }))', '[]'],
  [
    'a graph of two thousand operators',
    `Array.from({ length: 2000 }, (_, i) => ({ id: String(i), kind: 'map', named: false, options: {} }))`,
    '[]',
  ],
  [
    'options that are deep',
    `[{ id: 'a', kind: 'map', named: false, options: Array.from({ length: 100 }).reduce((a) => ({ a }), {}) }]`,
    '[]',
  ],
  [
    'options that are a prototype',
    `[{ id: 'a', kind: 'map', named: false, options: JSON.parse('{"__proto__": {"polluted": true}}') }]`,
    '[]',
  ],
  ['an unknown kind', `[{ id: 'a', kind: 'constructor', named: false, options: {} }]`, '[]'],
  [
    'an id twice',
    `[{ id: 'a', kind: 'map', named: false, options: {} }, { id: 'a', kind: 'map', named: false, options: {} }]`,
    '[]',
  ],
  [
    'an edge to nowhere',
    `[{ id: 'a', kind: 'map', named: false, options: {} }]`,
    `[{ from: 'a', to: 'b', exchange: 'forward' }]`,
  ],
  [
    'an edge to itself',
    `[{ id: 'a', kind: 'map', named: false, options: {} }]`,
    `[{ from: 'a', to: 'a', exchange: 'forward' }]`,
  ],
  ...[
    `exchange: 'magic'`,
    `exchange: 'forward', output: {}`,
    `exchange: 'forward', input: -1`,
    `exchange: 'forward', input: '1'`,
  ].map((edge): [string, string, string] => [
    `an edge with ${edge}`,
    `['a', 'b'].map((id) => ({ id, kind: 'map', named: false, options: {} }))`,
    `[{ from: 'a', to: 'b', ${edge} }]`,
  ]),
  ['nothing', 'undefined', 'undefined'],
])('refuses what is not a graph: %s', async (_, operators, edges) => {
  const text = `export default {
    [Symbol.for('lightflus.job')]: true, name: 'x', build: () => ({ graph: { formatVersion: 1, job: 'x', operators: ${operators}, edges: ${edges} } }) }`
  const { diagnostics, graph } = await check(text, { types: false, limits: { ...limits, buildMsMax: 5_000 } })
  expect(graph).toBeNull()
  expect(diagnostics).toEqual([expect.objectContaining({ code: expect.stringMatching(/^LF_PROGRAM_(GRAPH|LIMIT)$/) })])
  expect(Object.prototype).not.toHaveProperty('polluted')
})

it.each([
  [`Object.prototype.toJSON = () => 'mine'`, 'LF_PROGRAM_GRAPH'],
  [`JSON.stringify = () => { throw 1 }`, undefined],
  [`Array.prototype.map = () => { throw 1 }; String.prototype.slice = () => { throw 2 }`, 'LF_PROGRAM_BUILD'],
  [`Object.defineProperty(Object.prototype, 'kind', { get: () => 'mine', set() {} })`, undefined],
  [`Promise.prototype.then = () => { throw 1 }`, undefined],
  [`(globalThis as any).Promise = null; (globalThis as any).Proxy = null; (globalThis as any).JSON = null`, undefined],
])('keeps the tricks of prototypes inside: %s', async (top, code) => {
  const { diagnostics } = await hostile(top)
  if (code === undefined) expect(lines(diagnostics)).toEqual([])
  else expect(diagnostics).toEqual([expect.objectContaining({ code: expect.stringMatching(code) })])
  expect(JSON.stringify({ a: [1].map(String) })).toBe('{"a":["1"]}')
})

it('says when the top level waits for ever', async () => {
  expect(lines((await hostile('await new Promise(() => {})')).diagnostics)).toEqual([
    'test.ts:-:- LF_PROGRAM_BUILD error: The program’s top level waits for something that nothing will settle.',
  ])
})

it('collects a bounded part of a flood of lines', async () => {
  const { console, diagnostics } = await hostile(`for (let i = 0; i < 2000; i++) console.log('x'.repeat(5000), i)`)
  expect(lines(diagnostics)).toEqual([])
  expect(console).toHaveLength(100)
  expect(console[0]).toHaveLength(1_000)
})

it('bounds the length of messages', async () => {
  const { diagnostics } = await hostile(`throw new Error('x'.repeat(1e6))`)
  expect(diagnostics[0]!.message.length).toBeLessThan(3_000)
})

it.each([
  ['parentheses', '('.repeat(300_000)],
  ['arrays', `export default ${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['blocks', `${'{'.repeat(100_000)}${'}'.repeat(100_000)}`],
  ['calls', `export default f${'()'.repeat(480_000)}`],
  ['members', `export default f${'.a'.repeat(480_000)}`],
  ['sums', `export default 1${'+a'.repeat(480_000)}`],
  ['types', `let x: ${'A<'.repeat(200_000)}`],
  ['functions', `export default ${'()=>'.repeat(200_000)}1`],
  ['text', `export default \`${'${`'.repeat(100_000)}`],
])('refuses syntax that is nested without measure: %s', async (_, text) => {
  const { diagnostics } = await check(text, { limits })
  expect(diagnostics).toEqual([expect.objectContaining({ code: expect.stringMatching(/^LF_PROGRAM_(LIMIT|SYNTAX)$/) })])
})

it('refuses a program that is too long', async () => {
  expect(lines((await check(`// ${'x'.repeat(2 ** 20)}`)).diagnostics)).toEqual([
    'test.ts:-:- LF_PROGRAM_LIMIT error: The program is longer than 1 MiB.',
  ])
})

it('survives types that cannot be computed', async () => {
  const top = `type Count<N extends number, A extends unknown[] = []> = A['length'] extends N ? A : Count<N, [...A, unknown]>
    const list: Count<99999>['length'] = 1; list
    type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
    const many: \`\${Digit}\${Digit}\${Digit}\${Digit}\${Digit}\${Digit}\${Digit}\` = 'x'; many`
  const { diagnostics } = await check(programText({ top }))
  expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(['LF_PROGRAM_TYPE']))
})

it('leaves the thread of its caller free', async () => {
  let done = false
  const checked = hostile('for(;;);').then(() => (done = true))
  for (let turn = 0; turn < 1_000; turn += 1) await new Promise(setImmediate)
  expect(done).toBe(false)
  await checked
})
