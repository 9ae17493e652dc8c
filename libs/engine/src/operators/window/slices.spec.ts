import fc from 'fast-check'
import { createSlices } from './slices.ts'

const shape = fc.record({
  sizeMs: fc.integer({ min: 1, max: 60 }),
  slideMs: fc.integer({ min: 1, max: 60 }),
  shift: fc.nat(60),
})

test('a slice lies in whole windows, and is as long as it can be', () => {
  fc.assert(
    fc.property(shape, fc.integer({ min: -500, max: 500 }), ({ sizeMs, slideMs, shift }, timestamp) => {
      const offsetMs = shift % slideMs
      const slices = createSlices(sizeMs, slideMs, offsetMs)
      // All windows near the time, from their definition.
      const windows = Array.from({ length: 2_000 }, (_, i) => (i - 1_000) * slideMs + offsetMs)
        .map((start) => ({ start, end: start + sizeMs }))
        .filter(({ start, end }) => end > timestamp - 300 && start < timestamp + 300)
      const held = (time: number) => windows.filter(({ start, end }) => time >= start && time < end)
      const start = slices.startOf(timestamp)
      const end = slices.endOf(start)
      expect(start <= timestamp && timestamp < end).toBe(true)
      for (let time = start; time < end; time++) {
        expect(slices.startOf(time)).toBe(start)
        expect(held(time)).toEqual(held(start))
      }
      expect(slices.startOf(end)).toBe(end)
      expect(slices.isHeld(start)).toBe(held(start).length > 0)
      const ends = windows.map((window) => window.end)
      expect(slices.windowEndFrom(timestamp)).toBe(Math.min(...ends.filter((each) => each >= timestamp)))
      expect(slices.windowEndAfter(timestamp)).toBe(Math.min(...ends.filter((each) => each > timestamp)))
      if (held(start).length === 0) return
      expect(slices.lastWindowEnd(start)).toBe(Math.max(...held(start).map((window) => window.end)))
      expect(slices.windowEndFrom(end)).toBe(Math.min(...held(start).map((window) => window.end)))
      // Two a slide at most.
      const perSlide = new Set(Array.from({ length: slideMs }, (_, i) => slices.startOf(offsetMs + i)))
      expect(perSlide.size).toBeLessThanOrEqual(2)
    }),
    { numRuns: 500 },
  )
})
