import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { CsvCutter } from './csv-cutter.ts'
import type { FileCutter, FilePosition } from './file-cutter.ts'
import { LineCutter } from './line-cutter.ts'
import { CsvRows, jsonLine } from './row-text.ts'
import { payloadsOf } from '../testing/drain.ts'

const start: FilePosition = { byte: 0, line: 1 }

const linesUnder = (columns: readonly string[] | undefined) => {
  const rows = new CsvRows(columns)
  return (row: unknown) => rows.textOf(row)
}

interface Cut {
  readonly payload: unknown
  readonly line: number
  readonly position: FilePosition
}

/** Feeds the bytes in pieces of the given sizes, over and over. */
function cutAll(cutter: FileCutter, bytes: Buffer, sizes: readonly number[]): Cut[] {
  const cut: Cut[] = []
  const take = () => {
    for (let records = cutter.take(1); records; records = cutter.take(1)) {
      const [payload] = payloadsOf({ partition: 'f', ...records })
      cut.push({ payload, line: records.positions[0] as number, position: cutter.position() })
    }
  }
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length]!
    cutter.feed(Buffer.from(bytes.subarray(at, at + size)))
    at += size
    take()
  }
  cutter.end()
  take()
  return cut
}

/** However the bytes are cut into chunks, and wherever reading begins again, the same records come. */
function expectSameFromEverywhere(make: (from: FilePosition) => FileCutter, bytes: Buffer, sizes: readonly number[]) {
  const plain = cutAll(make(start), bytes, [Math.max(1, bytes.length)])
  expect(cutAll(make(start), bytes, sizes)).toEqual(plain)
  for (const [at, { position }] of plain.entries())
    expect(cutAll(make(position), bytes.subarray(position.byte), sizes)).toEqual(plain.slice(at + 1))
  return plain
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
const text = fc.string({ unit: fc.constantFrom('a', 'ä', '😀', ' ', ',', '"', '\t', '\u0000'), maxLength: 12 })

describe('line cutter', () => {
  it('cuts as splitting does, however the bytes come, and goes on from every line', () => {
    const line = fc.record({ text, end: fc.constantFrom('\n', '\r\n', '\n\n') })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), text, sizes, (lines, last, sizes) => {
        const content = lines.map(({ text, end }) => text + end).join('') + last
        const cut = expectSameFromEverywhere((from) => new LineCutter('f', from, false), Buffer.from(content), sizes)
        const split = content.split(/\r?\n/)
        if (split.at(-1) === '') split.pop()
        expect(cut.map(({ payload }) => String(payload))).toEqual(split)
        expect(cut.map(({ line }) => line)).toEqual(split.map((_, at) => at + 1))
      }),
    )
  })

  it('cuts the same of what it reads by itself, as much at a time as there is', async () => {
    // Lines longer than what is read at once are among them.
    const line = fc.tuple(text, fc.constantFrom(1, 3, 150_000)).map(([text, times]) => text.repeat(times))
    const reads = fc.array(fc.constantFrom(1, 700, 50_000, Infinity), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), reads, async (lines, reads) => {
        const bytes = Buffer.from(lines.join('\n'))
        const cutter = new LineCutter('f', start, false)
        const given: string[] = []
        let [at, count] = [0, 0]
        const isMore = () =>
          cutter.fill((into) => {
            // Of large pieces as much as there is room for, of a long text not byte by byte.
            const most = Math.max(reads[count++ % reads.length]!, bytes.length / 100)
            const read = bytes.copy(into, 0, at, Math.min(bytes.length, Math.floor(at + most)))
            at += read
            return Promise.resolve(read)
          })
        for (let more = true; more;) {
          more = await isMore()
          for (let records = cutter.take(2); records; records = cutter.take(2))
            given.push(...payloadsOf({ partition: 'f', ...records }).map(String))
        }
        const plain = cutAll(new LineCutter('f', start, false), bytes, [Math.max(1, bytes.length)])
        expect(given).toEqual(plain.map(({ payload }) => String(payload)))
        expect(cutter.position().byte).toBe(bytes.length)
      }),
      { numRuns: 50 },
    )
  })

  it('hands lines on as they are, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), sizes, (bytes, sizes) => {
        const buffer = Buffer.from(bytes)
        const cut = expectSameFromEverywhere((from) => new LineCutter('f', from, false), buffer, sizes)
        const lines = buffer.toString('latin1').split('\n')
        if (lines.at(-1) === '') lines.pop()
        const given = cut.map(({ payload }) => (payload as Buffer).toString('latin1'))
        expect(given).toEqual(
          lines.map((line) =>
            line.replace(/\r$/, '').replace(/^\xef\xbb\xbf/, (mark) => (lines[0] === line ? '' : mark)),
          ),
        )
      }),
    )
  })

  it('leaves lines of blanks out where they mean nothing', () => {
    const lines = ['1', ' ', '', '\u00a0', '\u3000 ', '{}', ' 2', '\t\r']
    const cut = cutAll(new LineCutter('f', start, true), Buffer.from(lines.join('\n')), [3])
    expect(cut.map(({ payload, line }) => [String(payload), line])).toEqual([
      ['1', 1],
      ['{}', 6],
      [' 2', 7],
    ])
  })
})

describe('CSV cutter', () => {
  const columns = ['a', 'b']
  const make = (from: FilePosition) =>
    new CsvCutter('f', { columns, end: start }, from, (error) => {
      throw error
    })
  const cell = fc.string({ unit: fc.constantFrom('a', 'ä', '😀', ',', '"', '\n', '\r', ' ', ';'), maxLength: 8 })
  const rows = fc.array(fc.record({ a: cell, b: cell }), { maxLength: 12 })

  it('reads what the sink wrote, however the bytes come, and goes on from every row', () => {
    fc.assert(
      fc.property(rows, sizes, fc.boolean(), (rows, sizes, ends) => {
        const line = linesUnder(columns)
        const content = rows.map((row) => line(row)).join('')
        const bytes = Buffer.from(ends ? content : content.slice(0, -1))
        const cut = expectSameFromEverywhere(make, bytes, sizes)
        expect(cut.map(({ payload }) => payload)).toEqual(rows)
        const linesBefore = (at: number) => content.slice(0, lengthOf(rows.slice(0, at))).split('\n').length
        expect(cut.map(({ line }) => line)).toEqual(rows.map((_, at) => linesBefore(at)))
      }),
    )
  })

  const lengthOf = (rows: readonly { a: string; b: string }[]): number => rows.map(linesUnder(columns)).join('').length
})

describe('lines of the files sink', () => {
  it('of CSV are read by another reader as they were meant', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt(),
      fc.date({ noInvalidDate: true }),
    )
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(names, fc.infiniteStream(value), fc.nat(5), (names, values, count) => {
        const rows = Array.from({ length: count + 1 }, () =>
          names.map((name) => [name, values.next().value as unknown] as const),
        )
        const line = linesUnder(undefined)
        const content = rows.map((row) => line(Object.fromEntries(row))).join('')
        const order = Object.keys(Object.fromEntries(rows[0]!))
        const meant = rows.map((row) => order.map((name) => textOf(row.find(([other]) => other === name)![1])))
        expect(parse(content, { record_delimiter: '\n', relax_column_count: true })).toEqual([order, ...meant])
      }),
    )
  })

  const textOf = (value: unknown): string =>
    value === null ? '' : value instanceof Date ? value.toISOString() : String(value)

  it('of CSV refuse a field without a column, and what is no row', () => {
    const line = linesUnder(['a'])
    expect(line({})).toBe('""\n')
    expect(() => line({ a: 1, b: 2 })).toThrow("Field 'b' has no column")
    expect(() => line([1])).toThrow('must be an object')
    expect(() => line(undefined)).toThrow('must be an object')
  })

  it('of JSON hold what JSON can', () => {
    expect(jsonLine({ a: 2n ** 70n, b: undefined, c: new Date(0), d: '\n' })).toBe(
      '{"a":"1180591620717411303424","c":"1970-01-01T00:00:00.000Z","d":"\\n"}\n',
    )
    expect(() => jsonLine(undefined)).toThrow(expect.objectContaining({ code: 'LF_SINK_VALUE' }))
  })
})
