import { everything, nothing, type Demand } from '../field-use/demand.ts'
import { createJsonScanner, scanBytesMax, scanSlotsMax } from './json-scanner.ts'
import { textFlag, type JsonScanner, type ScanDemand } from './scan-types.ts'
import { pack } from '../testing/pack.ts'

const text: Demand = { ...nothing, text: true }

function wants(fields: Readonly<Record<string, Demand | ScanDemand>>, own: Demand = nothing): ScanDemand {
  const inner = Object.entries(fields).map(([name, each]): [string, ScanDemand] => [
    name,
    'demand' in each ? each : { demand: each, fields: new Map() },
  ])
  return {
    demand: { ...own, fields: new Map(inner.map(([name, { demand }]) => [name, demand])) },
    fields: new Map(inner),
  }
}

const scannerOf = (wanted: ScanDemand): JsonScanner => createJsonScanner(wanted, { title: 'a test', host: {} })!

/** Records of all rows; null: left to the plain path. */
function records(scanner: JsonScanner, texts: readonly (string | null)[]): unknown[] {
  const payloads = pack(texts)
  const made: unknown[] = []
  for (let from = 0; from < texts.length;) {
    const rows = scanner.scan(payloads, from, texts.length)
    for (let row = 0; row < rows; row++) made.push(scanner.columns.scanned[row] ? scanner.record(row) : null)
    from += rows
  }
  return made
}

const scansOf = (wanted: ScanDemand, texts: readonly string[]): boolean[] =>
  records(scannerOf(wanted), texts).map((record) => record !== null)

test('a record has what is wanted of it, and nothing else', () => {
  const wanted = wants({ id: everything, bid: wants({ price: everything, tags: everything }) })
  expect(
    records(scannerOf(wanted), [
      '{"id":1,"other":[{}],"bid":{"price":2.5,"tags":["a",{"b":1}],"x":0}}',
      '{"bid":null,"id":"\\u0041 \\"é\\""}',
      ' { "bid" : { "price" : 1e3 } }\n',
      '{"id":9007199254740993}',
      'null',
    ]),
  ).toEqual([
    { id: 1, bid: { price: 2.5, tags: ['a', { b: 1 }] } },
    { id: 'A "é"', bid: null },
    { id: undefined, bid: { price: 1000, tags: undefined } },
    { id: 9007199254740992, bid: undefined },
    null,
  ])
})

test('texts that repeat are told from those that differ in any place, also of other scans', () => {
  const texts = [
    'aaa',
    'aaa',
    'baa',
    'aba',
    'aab',
    'aab',
    'aa',
    '',
    '',
    'aa',
    'ä',
    'aa',
    'aab'.repeat(20),
    'aab'.repeat(20),
  ]
  const payloads = texts.map((text) => JSON.stringify({ text, other: 'aab' }))
  const wanted = wants({ text: everything, other: everything })
  const scanner = scannerOf(wanted)
  expect(records(scanner, payloads)).toEqual(texts.map((text) => ({ text, other: 'aab' })))
  // Each lies where the one before did.
  for (const text of ['xy1', 'xy2', 'xy2', 'ab2'])
    expect(records(scanner, [JSON.stringify({ text, other: text })])).toEqual([{ text, other: text }])
})

test('a text of any length is told from one that differs in any one place', () => {
  const scanner = scannerOf(wants({ at: everything }))
  // The last of ASCII is what is nearest to the bytes of a NaN.
  const letters = ['a', '\x7f', ' ']
  for (let length = 1; length <= 40; length++) {
    const texts = letters.flatMap((letter) => {
      const same = letter.repeat(length)
      const changed = Array.from({ length }, (_, place) => `${same.slice(0, place)}~${same.slice(place + 1)}`)
      return changed.flatMap((other) => [same, same, other])
    })
    const made = records(
      scanner,
      texts.map((at) => `{"at":"${at}"}`),
    )
    expect(made).toEqual(texts.map((at) => ({ at })))
  }
})

test.each([
  ['a key that comes twice', '{"a":1,"a":1}'],
  ['a key in disguise', '{"\\u0061":1}'],
  ['a byte order mark', '\ufeff{"a":1}'],
  ['nothing', ''],
  ['more behind it', '{"a":1}}'],
  ['a trailing comma', '{"a":1,}'],
  ['a control character in a text', '{"a":"\t"}'],
  ['a leading zero', '{"b":01}'],
  ['what is cut off', '{"a":1,"b":"'],
  ['what is nested too deeply', `{"b":${'['.repeat(100)}${']'.repeat(100)}}`],
])('%s is left to the plain path', (_, payload) => {
  expect(scansOf(wants({ a: everything }), [payload, '{"a":1}', payload])).toEqual([false, true, false])
})

test('bytes that are no UTF-8 are left to the plain path, wherever they are', () => {
  const scanner = scannerOf(wants({ a: everything }))
  for (const invalid of [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc0, 0x80]])
    for (const [before, after] of [
      ['{"a":"', '"}'],
      ['{"a":1,"b":"', '"}'],
      ['{"a":1,"', '":2}'],
    ]) {
      const bytes = Uint8Array.from([...Buffer.from(before), ...invalid, ...Buffer.from(after)])
      // The second time it would be a key that is known.
      for (let time = 0; time < 2; time++) {
        scanner.scan({ length: 1, bytes, starts: Int32Array.of(0), ends: Int32Array.of(bytes.length) }, 0, 1)
        expect(scanner.columns.scanned[0]).toBe(0)
      }
    }
})

test('what TextDecoder takes for UTF-8 is taken for it: all texts of four bytes that are at the edge of something', () => {
  // prettier-ignore
  const edges = [
    0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1,
    0xf3, 0xf4, 0xf5, 0xff,
  ]
  const fatal = new TextDecoder('utf-8', { fatal: true })
  const isUtf8 = (bytes: Uint8Array) => {
    try {
      fatal.decode(bytes)
      return true
    } catch {
      return false
    }
  }
  const scanner = scannerOf(wants({ a: everything }))
  const size = 32
  const count = edges.length ** 2
  const bytes = new Uint8Array(count * size)
  const starts = Int32Array.from({ length: count }, (_, row) => row * size)
  const payloads = { length: count, bytes, starts, ends: starts.map((start) => start + size) }
  for (const first of edges)
    for (const second of edges) {
      for (let row = 0; row < count; row++) {
        // At all places of a block of 16 bytes.
        const text = `{"a":"${'x'.repeat(row % 17)}????"}`
        bytes.set(new TextEncoder().encode(text.padEnd(size)), row * size)
        const tried = [first, second, edges[row % edges.length], edges[Math.floor(row / edges.length)]]
        bytes.set(tried, row * size + text.indexOf('?'))
      }
      expect(scanner.scan(payloads, 0, count)).toBe(count)
      for (let row = 0; row < count; row++) {
        const isTaken = scanner.columns.scanned[row] === 1
        const own = bytes.subarray(row * size, row * size + size)
        if (isTaken !== isUtf8(own)) expect([own, isTaken]).toEqual([own, !isTaken])
      }
    }
})

test('kinds that the schema refuses are left to the plain path, and so is the want of a field', () => {
  const numberOnly: ScanDemand = { demand: nothing, accepts: 1 << 4, fields: new Map() }
  const wanted: ScanDemand = { ...wants({ a: everything }), accepts: 1 << 6 }
  const strict = { ...wanted, fields: new Map([...wanted.fields, ['n', numberOnly]]) }
  expect(scansOf(strict, ['{"a":1,"n":2}', '{"a":1,"n":"2"}', '{"a":1}', '{}', '[]'])).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
})

test('texts that JSON.stringify would not write are told from those that it would', () => {
  const scanner = scannerOf(wants({ a: text }))
  const isCanonical = (payload: string) => {
    records(scanner, [payload])
    return (scanner.columns.flags[1][0] & textFlag.canonical) !== 0
  }
  for (const own of [
    '1',
    '-1.5',
    '0.000001',
    '"é\\n\\u001b"',
    '{"b":[{"c":1},{"c":2}],"d":{}}',
    '[]',
    'null',
    '123456789012345',
  ])
    for (let time = 0; time < 2; time++) expect([own, isCanonical(`{"a":${own}}`)]).toEqual([own, true])
  for (const own of [
    ...['-0', '1.0', '1e2', '0.0000001', '1234567890123456', '"\\u0041"', '"\\/"', '"\\u001B"', '[ ]', '{"b": 1}'],
    ...['{"b":1,"b":1}', '{"2":1,"1":1}', '[{"b":1},{"b":1,"b":2}]', '{"b":{"c":1,"c":1}}', '{"\\u0062":1}'],
  ])
    for (let time = 0; time < 2; time++) expect([own, isCanonical(`{"a":${own}}`)]).toEqual([own, false])
})

test('keys that are much alike are told apart', () => {
  const scanner = scannerOf(wants({ a: text }))
  const own = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`a-long-name-${n}-of-a-field`, n]))
  for (const payload of [{ a: own }, { a: Object.fromEntries(Object.entries(own).toReversed()) }]) {
    expect(records(scanner, [JSON.stringify(payload)])).toEqual([{ a: {} }])
    expect(scanner.columns.flags[1][0] & textFlag.canonical).toBe(textFlag.canonical)
  }
})

test('maps, whose keys never end, do not spoil what is learned of others', () => {
  const scanner = scannerOf(wants({ a: text, b: everything }))
  let canonical = 0
  for (let batch = 0; batch < 40; batch++) {
    const texts = Array.from(
      { length: 100 },
      (_, n) => `{"a":{"k${batch}-${n}":1,"in":{"x${batch}-${n}":2}},"b":${n},"map":{"${batch}-${n}":{"y":1}}}`,
    )
    expect(records(scanner, texts)).toEqual(texts.map((_, n) => ({ a: {}, b: n })))
    for (let row = 0; row < 100; row++) if (scanner.columns.flags[1][row] & textFlag.canonical) canonical++
  }
  // All but those between having no more room and forgetting.
  expect(canonical).toBeGreaterThan(3_000)
})

test('a scan takes as many payloads as there is room for, and leaves those that are longer', () => {
  const scanner = scannerOf(wants({ a: everything }))
  const long = `{"a":1,"b":"${'x'.repeat(scanBytesMax)}"}`
  const half = `{"a":2,"b":"${'x'.repeat(scanBytesMax / 2)}"}`
  const exact = `{"a":3,"b":"${'x'.repeat(scanBytesMax - 14)}"}`
  const open = `{"a":4,"b":"${'x'.repeat(scanBytesMax - 12)}`
  const many = Array.from({ length: 3_000 }, (_, n) => `{"a":${n}}`)
  expect(records(scanner, [long, null, half, half, half, exact, open, ...many, long])).toEqual([
    ...[null, null, { a: 2 }, { a: 2 }, { a: 2 }, { a: 3 }, null],
    ...many.map((_, a) => ({ a })),
    null,
  ])
})

test('payloads may lie anywhere in their buffer', () => {
  const bytes = new TextEncoder().encode(`{"a":1}${' '.repeat(5_000)}{"a":2}{"a":3}`)
  const scanner = scannerOf(wants({ a: everything }))
  const starts = Int32Array.of(5_014, 0, -1, 5_007, 0)
  const payloads = { length: 5, bytes, starts, ends: starts.map((start) => start + 7) }
  expect(scanner.scan(payloads, 0, 5)).toBe(5)
  expect([0, 1, 3, 4].map((row) => scanner.record(row))).toEqual([{ a: 3 }, { a: 1 }, { a: 2 }, { a: 1 }])
  expect([...scanner.columns.scanned.subarray(0, 5)]).toEqual([1, 1, 0, 1, 1])
})

test('a payload ends where it ends, whatever follows', () => {
  const scanner = scannerOf(wants({ a: everything }))
  const texts = [
    '{"a":1}\n',
    '\n{"a":2}',
    '{"a":3',
    '}',
    '{"a":"4',
    '5"}',
    '{"a":6}',
    '}',
    '7',
    '8',
    '{"a":nul',
    'l}',
    '   ',
    ' ',
  ]
  const ends = Int32Array.from(texts, (_, at) => texts.slice(0, at + 1).join('').length)
  const starts = ends.map((end, at) => end - texts[at].length)
  const payloads = { length: texts.length, bytes: new TextEncoder().encode(texts.join('')), starts, ends }
  scanner.scan(payloads, 0, texts.length)
  const made = texts.map((_, row) => (scanner.columns.scanned[row] ? scanner.record(row) : 'left'))
  const left = (count: number) => Array.from({ length: count }, () => 'left')
  expect(made).toEqual([{ a: 1 }, { a: 2 }, ...left(4), { a: 6 }, 'left', 7, 8, ...left(4)])
})

test('demands that are beyond it have no scanner', () => {
  const many = Object.fromEntries(Array.from({ length: scanSlotsMax }, (_, n) => [`field${n}`, everything]))
  for (const fields of [
    { 'a"b': everything },
    { ['__proto__']: everything },
    { '\ud800': everything },
    { ['x'.repeat(100)]: everything },
    many,
  ])
    expect(createJsonScanner(wants(fields), { title: 'a test', host: {} })).toBeUndefined()
})

describe('where the host forbids things', () => {
  const { WebAssembly: given, Function: made } = globalThis as Record<string, unknown>
  afterEach(() => void Object.assign(globalThis, { WebAssembly: given, Function: made }))

  test('without WebAssembly there is no scanner', () => {
    Object.assign(globalThis, { WebAssembly: undefined })
    expect(createJsonScanner(wants({ a: everything }), { title: 'a test', host: {} })).toBeUndefined()
  })

  test('where code must not be made of text, records are made without', () => {
    Object.assign(globalThis, {
      Function: class {
        constructor() {
          throw new EvalError()
        }
      },
    })
    expect(records(scannerOf(wants({ a: everything })), ['{"a":"x"}'])).toEqual([{ a: 'x' }])
  })
})
