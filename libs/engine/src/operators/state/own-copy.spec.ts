import fc from 'fast-check'
import { ownCopy } from './own-copy.ts'

// Goal: the copy is what structured clone makes of plain data, and nothing else is taken for plain data.

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constantFrom(null, undefined), fc.bigInt()),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 40 }),
    fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => new Set(values)),
  ),
})).value

function objectsIn(value: unknown, met = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || met.has(value)) return met
  met.add(value)
  const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value)
  for (const part of parts) objectsIn(part, met)
  return met
}

test('a copy equals, and shares no object with what it is of', () => {
  fc.assert(
    fc.property(plain, (value) => {
      const copy = ownCopy(value)
      expect(copy).toEqual(value)
      const originals = objectsIn(value)
      for (const object of objectsIn(copy)) expect(originals.has(object)).toBe(false)
    }),
    { numRuns: 200 },
  )
})

test('what is in it twice, or in itself, is so in the copy', () => {
  const inner = { n: 1 }
  const many = Array.from({ length: 40 }, () => inner)
  const outer: Record<string, unknown> = { first: inner, second: inner, many }
  outer['itself'] = outer
  const copy = ownCopy(outer)!
  expect(copy['second']).toBe(copy['first'])
  expect(new Set(copy['many'] as object[])).toEqual(new Set([copy['first']]))
  expect(copy['itself']).toBe(copy)
  expect(copy['first']).not.toBe(inner)
})

test.each([
  ['an object of a class', new (class Point {})()],
  ['one that is in an array', [new (class Point {})()]],
  ['an object without a prototype', Object.create(null)],
  ['a function', { call() {} }],
  ['the result of a match', /a/.exec('a')],
  ['a typed array', new Float64Array(1)],
  ['an expression', /a/],
  ['what is deeper than any data', Array.from({ length: 1_000 }).reduce((inner) => [inner], [])],
])('%s is not taken for plain data', (_name, value) => {
  expect(ownCopy(value)).toBeUndefined()
})
