import fc from 'fast-check'
import { windowStart } from './tumbling.ts'

test('every event time lies in the window that it is given, and windows tile the time line', () => {
  const time = fc.integer({ min: -8.64e15, max: 8.64e15 })
  const size = fc.integer({ min: 1, max: 366 * 86_400_000 })
  fc.assert(
    fc.property(time, size, fc.nat(), (timestamp, sizeMs, shift) => {
      const offsetMs = shift % sizeMs
      const start = windowStart(timestamp, sizeMs, offsetMs)
      expect(start).toBeLessThanOrEqual(timestamp)
      expect(timestamp).toBeLessThan(start + sizeMs)
      expect(Math.abs((start - offsetMs) % sizeMs)).toBe(0)
    }),
  )
})
