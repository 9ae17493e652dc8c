import type { Usage } from '@lightflus/contracts'
import { now } from '../../testing/samples.ts'
import { coloursMax, presentUsage, spanStart, usageRowsMax } from './presenter.ts'

const hour = (job: string, hoursAgo: number, recordsIn: number): Usage['hours'][number] => ({
  job,
  hour: new Date(now - hoursAgo * 3_600_000).toISOString(),
  slotSeconds: 3_600,
  recordsIn,
  recordsOut: 1,
  bytesIn: recordsIn * 100,
  bytesOut: 96,
})
const usageOf = (hours: Usage['hours']): Usage => ({
  hours,
  total: { slotSeconds: hours.length * 3_600, recordsIn: 0, recordsOut: 0, bytesIn: 1_240_000, bytesOut: 0 },
})
const plain = (text: string): string => text.replaceAll('\u202f', ' ')

describe('usage', () => {
  test('a span ends with the present hour', () => {
    expect(spanStart('24h', now)).toBe('2026-11-22T13:00:00.000Z')
    expect(presentUsage(usageOf([hour('orders', 0, 5)]), {}, now).bars).toHaveLength(24)
    expect(presentUsage(usageOf([hour('orders', 0, 5)]), {}, now).bars.at(-1)?.total).toBe(3_600)
  })

  test('bars stack jobs, the largest lowest, whatever the hour', () => {
    const view = presentUsage(
      usageOf([hour('small', 1, 10), hour('large', 1, 90), hour('large', 0, 40)]),
      { measure: 'recordsIn' },
      now,
    )
    expect(view.legend).toEqual([
      { job: 'large', value: '130' },
      { job: 'small', value: '10' },
    ])
    expect(view.bars.at(-2)?.parts).toEqual([
      { index: 0, value: 90 },
      { index: 1, value: 10 },
    ])
    expect(view.max).toBe(100)
  })

  test('longer spans have wider bars, and lose nothing', () => {
    const hours = Array.from({ length: 24 * 7 }, (_, ago) => hour('orders', ago, 1))
    const view = presentUsage(usageOf(hours), { span: '7d', measure: 'recordsIn' }, now)
    expect(view.bars).toHaveLength(28)
    expect(view.bars.every(({ total }) => total === 6)).toBe(true)
  })

  test('more jobs than colours share the last', () => {
    const view = presentUsage(
      usageOf(Array.from({ length: coloursMax + 3 }, (_, n) => hour(`job-${n}`, 0, 100 - n))),
      { measure: 'recordsIn' },
      now,
    )
    expect(view.legend).toHaveLength(coloursMax + 1)
    expect(view.legend.at(-1)?.job).toBe('3 more')
    expect(view.bars.at(-1)?.parts.at(-1)?.index).toBe(coloursMax)
  })

  test('totals have their unit, and the table its bound', () => {
    const view = presentUsage(usageOf(Array.from({ length: usageRowsMax + 2 }, () => hour('orders', 3, 1))), {}, now)
    expect(view.totals.map(({ value }) => plain(value))).toEqual(['10 d 2 h', '0', '0', '1.24 MB', '0 B'])
    expect([view.rows.length, view.rowsLeftOut]).toEqual([usageRowsMax, 2])
    expect(presentUsage(usageOf([]), {}, now).empty).toBe(true)
  })
})
