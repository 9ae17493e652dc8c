import pc from 'picocolors'
import { agoText, bytesText, factsText, numberText, rateText, tableText } from './printer.ts'

// Goal: what people read lines up, whatever is in it, and numbers read as people write them.

const plain = pc.createColors(false)

describe('a table', () => {
  it('is as wide as its cells, with numbers to the right', () => {
    expect(
      tableText(
        plain,
        ['name', 'records', 'state'],
        [
          ['orders', 1_234.5, 'RUNNING'],
          ['a', 7, 'FAILED'],
          ['b', '–', ''],
        ],
      ),
    ).toBe(
      ['NAME    RECORDS  STATE', 'orders  1,234.5  RUNNING', 'a             7  FAILED', 'b             –'].join('\n'),
    )
  })

  it('lines up with colours, emoji and Chinese', () => {
    const color = pc.createColors(true)
    const text = tableText(
      color,
      ['a', 'b'],
      [
        [color.green('ok'), 1],
        ['数据', 2],
        ['👩‍💻', 3],
        ['é', 4],
      ],
    )
    expect(text.split('\n').map((line) => line.replace(/\u001b\[\d+m/g, ''))).toEqual([
      'A     B',
      'ok    1',
      '数据  2',
      '👩‍💻    3',
      'é     4',
    ])
  })

  it('may have no rows', () => {
    expect(tableText(plain, ['a', 'b'], [])).toBe('A  B')
  })
})

it('facts stand under each other', () => {
  expect(
    factsText(plain, [
      ['job', 'orders'],
      ['version', '3'],
    ]),
  ).toBe('job:     orders\nversion: 3')
})

it.each([
  [numberText(1_234_567.891), '1,234,567.89'],
  [rateText(null), '–'],
  [rateText(0), '0/s'],
  [rateText(999.94), '999.9/s'],
  [rateText(12_345), '12.3k/s'],
  [bytesText(0), '0 B'],
  [bytesText(999), '999 B'],
  [bytesText(1_500_000), '1.5 MB'],
  [agoText('2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1, 0, 0, 59)), '59s ago'],
  [agoText('2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1, 5)), '5h ago'],
  [agoText('2026-01-01T00:00:00Z', Date.UTC(2025, 0, 1)), '0s ago'],
])('%s reads %s', (text, expected) => {
  expect(text).toBe(expected)
})
