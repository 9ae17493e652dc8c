import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Workbench } from './testing/workbench.ts'

// Goal: exports of WebAssembly modules run in slots as functions of the program do, and misbehave no worse.

const risk = readFileSync(join(import.meta.dirname, '..', '..', '..', 'examples', 'webassembly', 'risk.wasm'))
/** A module whose `spin` never returns: `loop br 0 end`. */
const spinning = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  // Types (i32, i32, i32) → () and (i32) → i32, a function of each, a memory of one page.
  ...[1, 12, 2, 0x60, 3, 0x7f, 0x7f, 0x7f, 0, 0x60, 1, 0x7f, 1, 0x7f],
  ...[3, 3, 2, 0, 1],
  ...[5, 3, 1, 0, 1],
  ...[7, 25, 3, 4, ...Buffer.from('spin'), 0, 0, 5, ...Buffer.from('alloc'), 0, 1, 6, ...Buffer.from('memory'), 2, 0],
  ...[10, 15, 2, 7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b, 5, 0, 0x41, 0x80, 0x08, 0x0b],
])

const mapping = (module: Uint8Array, name: string): string => `import { generator, job, table, wasm } from 'lightflus'
const fn = wasm('${Buffer.from(module).toString('base64')}', '${name}').columns({ in: [(n) => n] })
export default job('test', (flow) => {
  flow.source(generator.source({ generate: (index) => 25 - index, count: 60 }), { name: 'numbers' })
    .map(fn, { name: 'mapper' })
    .sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'table' })
})`

describe('a program with WebAssembly', () => {
  let bench: Workbench
  beforeEach(async () => {
    bench = await Workbench.open()
  })
  afterEach(() => bench.close())

  it('runs in slots under the permission model; a trap fails the record that it is due to', async () => {
    const bundlePath = await bench.bundle(mapping(risk, 'strict_root'), 'roots.ts')
    const { handle } = bench.start({ bundlePath, slotNodeOptions: ['--permission', '--allow-fs-read=*'] })
    const { state, error } = await handle.done
    expect(state).toBe('FAILED')
    expect(error).toMatchObject({ code: 'LF_USER_FUNCTION', details: { operator: 'mapper' } })
    expect(error!.message).toMatch(/record .*@26: WebAssembly export 'strict_root': unreachable/)
  })

  it('is found when an export never returns', async () => {
    const bundlePath = await bench.bundle(mapping(spinning, 'spin'), 'spin.ts')
    const { handle } = bench.start({ bundlePath, limits: { slotSilenceMsMax: 2_000 } })
    const { state, error } = await handle.done
    expect(state).toBe('FAILED')
    expect(error).toMatchObject({ code: 'LF_SLOT_UNRESPONSIVE' })
  })
})
