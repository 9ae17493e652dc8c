import fc from 'fast-check'
import { maxWatermark, minWatermark } from '../record.ts'
import { MergedWatermark } from './merged-watermark.ts'

/** `a10 b5 -a -b20`: sets inputs, idle where marked; then what the merged watermark is, with its idleness. */
function merged(steps: string): string[] {
  const watermark = new MergedWatermark<string>()
  return steps.split(' ').map((step) => {
    const [, idle, id, time] = /^(-?)([a-z])(.*)$/.exec(step)!
    const timestamp = time === '' ? minWatermark : time === 'max' ? maxWatermark : Number(time)
    watermark.set(id, timestamp, idle === '-')
    const changed = watermark.advance()
    const now =
      watermark.timestamp === minWatermark ? '' : watermark.timestamp === maxWatermark ? 'max' : watermark.timestamp
    return `${watermark.idle ? '-' : ''}${now}${changed ? '' : '='}`
  })
}

test.each<[string, string, string[]]>([
  ['the least input counts', 'a10 b5 b7 a11 b12', ['10', '10=', '10=', '10=', '11']],
  ['an unknown input holds it back', 'a b10 a4', ['=', '=', '4']],
  ['it never goes back', 'a10 b5 a20 b30', ['10', '10=', '10=', '20']],
  ['inputs never go back', 'a10 a5 b20 a11', ['10', '10=', '10=', '11']],
  ['an idle input does not count', 'a10 b5 -b5 a20 b7', ['10', '10=', '10=', '20', '20=']],
  ['all idle: the greatest', 'a10 b5 -a10 -b5', ['10', '10=', '10=', '-10']],
  ['all idle before any record', '-a -b', ['-', '-=']],
  ['an ended input does not count', 'a10 b5 bmax a20', ['10', '10=', '10=', '20']],
  ['an ended input does not end those that are idle', 'a10 b5 amax -b5', ['10', '10=', '10=', '-10']],
  ['all ended: the last', 'a10 b5 amax bmax', ['10', '10=', '10=', 'max']],
])('%s', (_what, steps, expected) => {
  expect(merged(steps)).toEqual(expected)
})

test('without inputs it is idle', () => {
  const watermark = new MergedWatermark<string>()
  expect(watermark.advance()).toBe(true)
  expect(watermark).toMatchObject({ idle: true, timestamp: minWatermark })
})

test('an input that is gone holds nothing back', () => {
  const watermark = new MergedWatermark<string>()
  watermark.set('a', 5, false)
  watermark.set('b', 50, false)
  watermark.advance()
  watermark.delete('a')
  expect(watermark.advance()).toBe(true)
  expect(watermark.timestamp).toBe(50)
})

test('it rises only, and never beyond an input that is active', () => {
  const step = fc.record({ id: fc.nat(3), timestamp: fc.nat(100), idle: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const watermark = new MergedWatermark<number>()
      const inputs = new Map<number, { timestamp: number; idle: boolean }>()
      for (const { id, timestamp, idle } of steps) {
        const before = watermark.timestamp
        watermark.set(id, timestamp, idle)
        inputs.set(id, { timestamp: Math.max(timestamp, inputs.get(id)?.timestamp ?? 0), idle })
        watermark.advance()
        expect(watermark.timestamp).toBeGreaterThanOrEqual(before)
        for (const input of inputs.values())
          if (!input.idle) expect(watermark.timestamp).toBeLessThanOrEqual(Math.max(before, input.timestamp))
      }
    }),
  )
})
