import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesOfBase64 } from './base64.ts'
import { wasm } from './wasm.ts'

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'webassembly')
const moduleOf = (file: string) => new Uint8Array(readFileSync(join(folder, file)))
const risk = moduleOf('risk.wasm')
const tokens = moduleOf('tokens.wasm')
interface Order {
  readonly amount: number
  readonly items: number
}
const columns = { in: [(order: Order) => order.amount, (order: Order) => order.items] }
const riskOf = ({ amount, items }: Order) => amount * 0.01 + Math.max(0, amount - 1000) ** 2 * 0.0001 + items * 0.5

test('columns: a batch is one call, and gives what single records give', () => {
  const score = wasm(risk, 'risk').columns(columns)
  const order = fc.record({ amount: fc.double({ min: 0, max: 1e6, noNaN: true }), items: fc.nat(100) })
  fc.assert(
    fc.property(fc.array(order, { maxLength: 3_000 }), (orders) => {
      const results = score.batch(orders)
      expect(results).toHaveLength(orders.length)
      results.forEach((result, i) => expect(result).toBeCloseTo(riskOf(orders[i]), 6))
      if (orders.length > 0) expect(score(orders[0])).toBe(results[0])
    }),
  )
})

test('columns: the program makes of the number what it likes; as a test, 0 is no', () => {
  const named = wasm(risk, 'risk').columns({ ...columns, out: ({ amount }, result) => `${amount}: ${result}` })
  expect(named({ amount: 100, items: 2 })).toBe('100: 2')
  const free = wasm(risk, 'risk').test(columns)
  expect(
    free.batch([
      { amount: 0, items: 0 },
      { amount: 1, items: 0 },
    ]),
  ).toEqual([false, true])
})

test('bytes and pieces: as the same function in JavaScript', () => {
  const words = wasm(tokens, 'tokens').records<string, string>({ out: (bytes) => new TextDecoder().decode(bytes) })
  const print = wasm(tokens, 'fingerprint').bytes<string, number>({
    out: (bytes) => new DataView(bytes.buffer).getUint32(0, true),
  })
  const fnv = (text: string) =>
    new TextEncoder().encode(text).reduce((h, byte) => Math.imul(h ^ byte, 0x01000193) >>> 0, 0x811c9dc5)
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', '9', ' ', ',', 'é'), maxLength: 5_000 }), (line) => {
      expect(words(line)).toEqual((line.match(/[A-Za-z0-9]+/g) ?? []).map((word) => word.toLowerCase()))
      expect(print(line)).toBe(fnv(line))
    }),
  )
})

test('an answer is a copy: the next call does not change it', () => {
  const print = wasm(tokens, 'fingerprint').bytes<string>({})
  const first = print('a')
  const before = first.slice()
  print('b')
  expect(first).toEqual(before)
})

test('aggregate: accumulators are numbers of the job’s state; merging parts gives the whole', () => {
  const ema = wasm(risk, 'ema').aggregate<number>({ size: 2, in: [(x) => x] })
  const foldedFrom = (values: readonly number[]) => values.reduce((acc, x) => ema.add(acc, x), ema.create())
  const value = fc.double({ min: -1e3, max: 1e3, noNaN: true })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), fc.array(value, { maxLength: 50 }), (a, b) => {
      const whole = foldedFrom([...a, ...b])
      const merged = ema.merge(structuredClone(foldedFrom(a)), foldedFrom(b))
      merged.forEach((x, i) => expect(x).toBeCloseTo(whole[i], 6))
      const naive = [...a, ...b].reduce(([v, w], x) => [v * 0.9 + x, w * 0.9 + 1], [0, 0])
      expect(ema.result(whole)).toBeCloseTo(naive[0] / naive[1], 6)
    }),
  )
})

test('a trap is an error that names the export, and the next call works again', () => {
  const root = wasm(risk, 'strict_root').columns<number>({ in: [(x) => x] })
  expect(() => root.batch([4, -1])).toThrow("WebAssembly export 'strict_root': unreachable")
  expect(root.batch([4, 9])).toEqual([2, 3])
})

test('what is no number is refused, not turned into NaN', () => {
  const score = wasm(risk, 'risk').columns({ in: [(o: any) => o.amuont as number, () => 1] })
  expect(() => score({ amount: 1 })).toThrow("column 0 of WebAssembly export 'risk' is undefined, not a number")
})

test('memory is limited, whatever the module declares', () => {
  const small = wasm(risk, 'risk', { memoryBytesMax: 4 * 65_536 }).columns(columns)
  const orders = Array.from({ length: 100_000 }, () => ({ amount: 1, items: 1 }))
  expect(() => small.batch(orders)).toThrow("WebAssembly export 'alloc': gave 0")
  expect(small.batch(orders.slice(0, 100))).toHaveLength(100)
  expect(() => wasm(risk, 'risk', { memoryBytesMax: 65_536 })).toThrow(
    expect.objectContaining({ code: 'LF_PROGRAM_WASM', message: expect.stringContaining('from the start') }),
  )
})

test.each<[string, Uint8Array, string, string]>([
  ['bytes that are no module', new Uint8Array([1, 2, 3]), 'risk', 'version 1 of the format'],
  ['a module that is cut off', risk.slice(0, 200), 'risk', 'cut off'],
  ['an export that is not there', risk, 'rsik', 'exports no function rsik'],
  ['a module without memory', new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), 'risk', "memory as 'memory'"],
])('%s: is refused when the job is built', (_what, module, name, words) => {
  expect(() => wasm(module, name).columns(columns)).toThrow(
    expect.objectContaining({ code: 'LF_PROGRAM_WASM', message: expect.stringContaining(words) }),
  )
})

test('the bytes may come as Base64 text', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(
        bytesOfBase64(
          Buffer.from(bytes)
            .toString('base64')
            .replace(/(.{7})/g, '$1\n'),
        ),
      ).toEqual(bytes)
    }),
  )
  const text = Buffer.from(risk).toString('base64')
  expect(wasm(text, 'risk').columns(columns)({ amount: 100, items: 2 })).toBe(2)
  expect(() => wasm(`${text.slice(0, -1)}!`, 'risk')).toThrow("'!' is no digit of Base64")
})

test('a module that asks its host for more is refused by the names of what it asks for', () => {
  // One import: function wasi.exit of type 0.
  const type = [1, 4, 1, 0x60, 0, 0]
  const imports = [2, 13, 1, 4, ...Buffer.from('wasi'), 4, ...Buffer.from('exit'), 0, 0]
  const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...imports])
  expect(() => wasm(module, 'f')).toThrow('imports wasi.exit')
})

test('random damage to a module ends in an error or in a module, never in anything else', () => {
  fc.assert(
    fc.property(fc.nat(risk.length - 1), fc.nat(255), fc.nat(risk.length), (at, byte, end) => {
      const damaged = risk.slice(0, end)
      if (at < end) damaged[at] = byte
      try {
        wasm(damaged, 'risk').columns(columns)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'LF_PROGRAM_WASM' })
      }
    }),
  )
})
