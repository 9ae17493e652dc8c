import { formatAgo, formatClock, formatDateTime, formatSpan } from './times.ts'

const plain = (text: string): string => text.replaceAll('\u202f', ' ')

describe('times', () => {
  test.each([
    [-5, '0 ms'],
    [840, '840 ms'],
    [4_200, '4.2 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [3_600_000, '1 h'],
    [273_600_000, '3 d 4 h'],
  ])('a span of %d ms reads %s', (ms, text) => {
    expect(plain(formatSpan(ms))).toBe(text)
  })

  test.each([
    [0, 'just now'],
    [-3_000, 'just now'],
    [12_000, '12 s ago'],
    [179_000, '2 min ago'],
    [7_300_000, '2 h ago'],
    [260_000_000, '3 d ago'],
  ])('%d ms before now reads %s', (ms, text) => {
    expect(plain(formatAgo(1_000_000_000_000 - ms, 1_000_000_000_000))).toBe(text)
  })

  test('clock and date are in the zone of the reader', () => {
    const at = new Date(2026, 10, 23, 4, 3, 7, 12).getTime()
    expect(formatClock(at)).toBe('04:03:07.012')
    expect(formatDateTime(at)).toBe('2026-11-23 04:03:07')
  })
})
