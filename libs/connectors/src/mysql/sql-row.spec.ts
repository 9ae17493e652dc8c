import { escape } from 'mysql2'
import { identifier, RowMaker } from './sql-row.ts'
import { statementParts } from './target-table.ts'

const maker = () => new RowMaker((text) => escape(text))
const literal = (value: unknown): string => maker().literals({ a: value }).slice(1, -1)

test.each<[unknown, string]>([
  [null, 'NULL'],
  [1.5, '1.5'],
  [-0, '0'],
  [2n ** 63n, '9223372036854775808'],
  [true, '1'],
  [false, '0'],
  ['it’s "ä"\\', `'it’s \\"ä\\"\\\\'`],
  ["'; DROP TABLE x; --", "'\\'; DROP TABLE x; --'"],
  ['', "''"],
  [new Date('2026-01-02T03:04:05.678Z'), "'2026-01-02 03:04:05.678'"],
  [new Uint8Array([0, 255]), "X'00ff'"],
  [{ b: 1n, c: new Date(0) }, `'{\\"b\\":\\"1\\",\\"c\\":\\"1970-01-01T00:00:00.000Z\\"}'`],
  [[1, "'"], "'[1,\\\"\\'\\\"]'"],
])('%p is %s', (value, expected) => expect(literal(value)).toBe(expected))

test.each<[unknown]>([[undefined], [Number.NaN], [Infinity], [new Date(Number.NaN)], [() => 1], [Symbol('s')]])(
  '%p is no value of a column, and says which',
  (value) => {
    expect(() => literal(value)).toThrow(
      expect.objectContaining({ code: 'LF_SINK_VALUE', message: expect.stringContaining("'a'") as string }),
    )
  },
)

test('the columns are those of the first row, in its order, and the same in every row', () => {
  const rows = maker()
  expect(rows.columns).toBeUndefined()
  expect(rows.literals({ b: 1, a: 2 })).toBe('(1,2)')
  expect(rows.literals({ a: 3, b: 4 })).toBe('(4,3)')
  expect(rows.columns).toEqual(['b', 'a'])
  for (const row of [{ a: 1 }, { a: 1, b: 2, c: 3 }, { a: 1, c: 2 }, {}, null, [1, 2], 'text'])
    expect(() => rows.literals(row)).toThrow(expect.objectContaining({ code: 'LF_SINK_VALUE' }))
})

test('a row that cannot be written does not decide the columns', () => {
  const rows = maker()
  expect(() => rows.literals({ wrong: undefined })).toThrow()
  expect(rows.literals({ right: 1 })).toBe('(1)')
})

test('names are quoted, whatever is in them', () => {
  expect(identifier('a`b')).toBe('`a``b`')
  expect(statementParts('t', ['a', 'b`'], 'insert')).toEqual(['INSERT INTO `t` (`a`,`b```) VALUES ', ''])
  expect(statementParts('t', ['a', 'b'], 'upsert')[1]).toBe(' ON DUPLICATE KEY UPDATE `a`=VALUES(`a`),`b`=VALUES(`b`)')
})
