import { formatBytes, formatCount, formatExact, formatRate } from './numbers.ts'

describe('numbers', () => {
  test.each([
    [0, '0'],
    [7, '7'],
    [999, '999'],
    [999.6, '1k'],
    [1_000, '1k'],
    [12_345, '12.3k'],
    [99_950, '100k'],
    [999_999, '1M'],
    [4_560_000, '4.56M'],
    [-12_345, '−12.3k'],
    [-0.001, '0'],
    [1e18, '1000P'],
  ])('the count %d reads %s', (value, text) => {
    expect(formatCount(value)).toBe(text)
  })

  test('a count in full is grouped by thin spaces', () => {
    expect(formatExact(1_234_567)).toBe('1\u202f234\u202f567')
    expect(formatExact(-1_234.5)).toBe('−1\u202f234.5')
  })

  test.each([
    [null, '–'],
    [0, '0/s'],
    [0.01, '<0.1/s'],
    [0.4, '0.4/s'],
    [9.96, '10/s'],
    [12_345, '12.3k/s'],
  ])('the rate %s reads %s', (value, text) => {
    expect(formatRate(value)).toBe(text)
  })

  test('bytes have decimal units', () => {
    expect(formatBytes(1_240_000)).toBe('1.24\u202fMB')
    expect(formatBytes(12)).toBe('12\u202fB')
  })
})
