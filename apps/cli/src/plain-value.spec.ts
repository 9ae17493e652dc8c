import { plainValue } from './plain-value.ts'

test('what structured clone can hold and JSON cannot is said in words that it can', () => {
  const shown = plainValue({
    none: undefined,
    big: 7n,
    numbers: [NaN, -Infinity, 1.5],
    at: new Date(0),
    never: new Date(NaN),
    map: new Map<unknown, unknown>([[1, new Set(['a'])]]),
    bytes: Uint8Array.of(1, 2),
    floats: Float64Array.of(0.5, Infinity),
    nested: { deep: [null, true, 'text'] },
  })
  expect(JSON.parse(JSON.stringify(shown))).toEqual({
    none: null,
    big: '7n',
    numbers: ['NaN', '-Infinity', 1.5],
    at: '1970-01-01T00:00:00.000Z',
    never: 'Invalid Date',
    map: { map: [[1, { set: ['a'] }]] },
    bytes: { base64: 'AQI=' },
    floats: [0.5, 'Infinity'],
    nested: { deep: [null, true, 'text'] },
  })
})
