import { bundleModules } from '../bundle/bundle.ts'
import { programImports } from '../bundle/import-plugin.ts'
import { closeCompiler } from '../close-compiler.ts'
import { platformFolder } from '../platform.ts'
import { programText } from '../testing/programs.ts'
import { buildGraph, type BuildPlace } from './build-graph.ts'

// Goal: what `lightflus run` finds in its own engine is what the sandbox of a platform finds, for any program that ends;
// but what the engines word themselves is worded by each, and they count the column of a throw differently.

afterAll(closeCompiler)

const limits = { buildMsMax: 3_000, memoryBytesMax: 64 * 2 ** 20 }

async function built(text: string, place: BuildPlace) {
  const { bundle } = await bundleModules({
    entry: 'test.ts',
    root: platformFolder,
    plugins: [programImports({ fileName: 'test.ts', text })],
    tsconfigRaw: '{}',
  })
  const { diagnostics, ...found } = await buildGraph(bundle!, 'test.ts', limits, place)
  return { ...found, diagnostics: diagnostics.map((each) => ({ ...each, column: null })) }
}

it.each([
  [''],
  [`throw new TypeError('here')`],
  [`throw { message: 'no error' }`],
  [`throw null`],
  [`console.log('a', { b: 1 }); console.log(Date.now(), new Date().getTime(), Math.random())`],
  [
    `console.log(new Date(2000, 0, 1).constructor === Date, typeof process, typeof require, typeof Buffer, typeof fetch)`,
  ],
  [`console.log(typeof Temporal, typeof Intl, typeof URL, typeof WebAssembly, typeof SharedArrayBuffer)`],
  [`export const url = new URL('http://x').href.length`],
  [`export const decoder = new TextDecoder(); console.log(decoder)`],
  [`export const decoder = new TextDecoder().decode(new Uint8Array(1))`],
  [`export const now = Temporal.Now.instant()`],
  [`const late = await Promise.resolve(7); console.log(late)`],
  [`await new Promise(() => {})`],
  [`const deep = (): unknown => deep(); deep()`],
  [`JSON.stringify = () => { throw 1 }`],
  [`(globalThis as any).Promise = null; (globalThis as any).Proxy = null; (globalThis as any).JSON = null`],
])('finds the same as the sandbox: %s', async (top) => {
  const text = programText({ top })
  const [inSandbox, inContext] = [await built(text, 'sandbox'), await built(text, 'context')]
  expect(inContext).toEqual(inSandbox)
})

it.each([
  ['no job', 'export default 7'],
  ['no export', 'export const x = 7'],
  ['a graph that is none', `export default { [Symbol.for('lightflus.job')]: true, build: () => ({ graph: 1 }) }`],
])('finds the same as the sandbox: %s', async (_, text) => {
  expect(await built(text, 'context')).toEqual(await built(text, 'sandbox'))
})

it('finds the line of what the engine throws', async () => {
  expect((await built(programText({ build: 'null!.x' }), 'context')).diagnostics).toEqual([
    expect.objectContaining({ code: 'LF_PROGRAM_BUILD', line: 4, message: expect.stringContaining('TypeError') }),
  ])
})

it.each([
  ['for(;;);'],
  ['await (async () => { for(;;) await 0 })()'],
  ['const all: unknown[] = []; for(;;) all.push({})'],
  [`try { for(;;); } finally { for(;;); }`],
])('ends what does not end: %s', async (top) => {
  expect((await built(programText({ top }), 'context')).diagnostics).toEqual([
    expect.objectContaining({ code: 'LF_PROGRAM_LIMIT' }),
  ])
  expect((await built(programText({ top: '' }), 'context')).graph).not.toBeNull()
})
