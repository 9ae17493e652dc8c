import { until } from '@lightflus/testing/services'
import type { SinkFunctions } from '@lightflus/api'
import { cellCharsMax, jsonRow } from './json-row.ts'
import { sinkContext } from '../testing/test-context.ts'
import { TableSink } from './table-sink.ts'

const now = 1_700_000_000_000

function sink(rowsMax: number, functions: SinkFunctions = {}, onError: 'fail' | 'skip' = 'fail') {
  const context = sinkContext({ options: { rowsMax }, functions, onError, clock: { now: () => now } })
  return { writer: new TableSink(context), heard: context.heard }
}

describe('table sink', () => {
  it('publishes the newest row of each key, the last written last', async () => {
    const { writer, heard } = sink(10, { key: ({ user }) => user })
    writer.write([
      { user: 'a', n: 1 },
      { user: 'b', n: 1 },
      { user: 'a', n: 2 },
    ])
    writer.write([{ user: 'c', n: 1 }])
    await writer.flush()
    expect(heard.rows).toEqual([
      [
        { at: now, key: 'b', row: { user: 'b', n: 1 } },
        { at: now, key: 'a', row: { user: 'a', n: 2 } },
        { at: now, key: 'c', row: { user: 'c', n: 1 } },
      ],
    ])
  })

  it('keeps only the newest rows, and works only on those', async () => {
    let called = 0
    const { writer, heard } = sink(3, { row: (value) => (called++, { value }) })
    writer.write(Array.from({ length: 1_000 }, (_, at) => at))
    writer.write([1_000, 1_001])
    await writer.flush()
    expect(heard.rows.flat().map(({ key, row }) => [key, row?.['value']])).toEqual([
      [null, 999],
      [null, 1_000],
      [null, 1_001],
    ])
    expect(called).toBe(5)
  })

  it('publishes that a row is gone, and of several changes of a key the last', async () => {
    const { writer, heard } = sink(10, { key: ({ user }) => user })
    const row = (user: string, n: number) => ({ user, n })
    const values = [row('a', 1), row('b', 1), row('a', 1), row('a', 2), row('b', 1), row('c', 1), row('d', 1)]
    const kinds = ['insert', 'insert', 'updateBefore', 'updateAfter', 'delete', 'insert', 'updateBefore'] as const
    writer.write(values, [], kinds)
    await writer.flush()
    expect(heard.rows.flat().map(({ key, row }) => [key, row])).toEqual([
      ['a', { user: 'a', n: 2 }],
      ['b', null],
      ['c', { user: 'c', n: 1 }],
      ['d', null],
    ])
  })

  it('keeps what is gone beside the newest rows, also over several writes', async () => {
    const { writer, heard } = sink(2, { key: ({ n }) => n })
    const write = (...changes: number[]) =>
      writer.write(
        changes.map((n) => ({ n: Math.abs(n) })),
        [],
        changes.map((n) => (n < 0 ? 'delete' : 'insert')),
      )
    write(-1, -2, -3, 4, 5, 6)
    write(-7, 8)
    await writer.flush()
    expect(heard.rows.flat().map(({ key, row }) => (row === null ? -Number(key) : Number(key)))).toEqual([-3, 6, -7, 8])
  })

  it('publishes by itself after a while, once for many writes', async () => {
    const { writer, heard } = sink(10)
    for (let n = 0; n < 5; n++) writer.write([{ n }])
    expect(heard.rows).toEqual([])
    await until(() => heard.rows.length > 0, { what: 'rows to be published' })
    expect(heard.rows).toHaveLength(1)
    expect(heard.rows[0]).toHaveLength(5)
    await writer.close()
    expect(heard.rows).toHaveLength(1)
  })

  it('rejects what is no row, and what a function throws on', async () => {
    const { writer, heard } = sink(10, {}, 'skip')
    writer.write([{ a: 1 }, 5, null, [1]])
    await writer.flush()
    expect(heard.rejected).toEqual(Array.from({ length: 3 }, () => expect.objectContaining({ code: 'LF_SINK_VALUE' })))
    const throwing = sink(10, {
      key: () => {
        throw new Error('no key')
      },
    })
    expect(() => throwing.writer.write([{}])).toThrow('no key')
  })
})

const wide = (depth: number): unknown => (depth === 0 ? 0 : new Array(50).fill(wide(depth - 1)))

describe('a row of a table', () => {
  it('is made of what JSON can hold', () => {
    const row = {
      text: 'a',
      number: 1.5,
      nothing: null,
      missing: undefined,
      big: 2n ** 70n,
      infinite: Infinity,
      date: new Date(0),
      never: new Date(Number.NaN),
      bytes: new Uint8Array(3),
      set: new Set([1]),
      map: new Map([['a', 1]]),
      nested: { list: [{ a: 1n }], call: () => 1 },
      call: () => 1,
    }
    expect(jsonRow(row)).toEqual({
      text: 'a',
      number: 1.5,
      nothing: null,
      big: '1180591620717411303424',
      infinite: 'Infinity',
      date: '1970-01-01T00:00:00.000Z',
      never: 'Invalid Date',
      bytes: '3 bytes',
      set: [1],
      map: { a: 1 },
      nested: { list: [{ a: '1' }] },
    })
  })

  it('is bounded in length and depth, also where it holds itself', () => {
    const self: Record<string, unknown> = {
      text: 'x'.repeat(cellCharsMax + 1),
      many: new Array(1_000).fill(0),
      wide: wide(4),
    }
    self['self'] = self
    const row = jsonRow(self)
    expect((row['text'] as string).length).toBe(cellCharsMax + 1)
    expect(row['many']).toHaveLength(100)
    expect(JSON.stringify(row).length).toBeLessThan(100_000)
  })
})
