import fc from 'fast-check'
import { TimeHeap } from './time-heap.ts'

test('what comes out is in the order of time, and of one time in the order in which it was put in', () => {
  const step = fc.oneof(fc.record({ push: fc.integer({ min: -5, max: 5 }) }), fc.constant('pop' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const heap = new TimeHeap<{ time: number; id: number }>()
      let plain: { time: number; id: number }[] = []
      steps.forEach((each, id) => {
        if (each === 'pop') {
          if (plain.length > 0) expect(heap.pop()).toEqual(plain.shift())
        } else {
          const item = { time: each.push, id }
          heap.push(item)
          // Array sorts are stable.
          plain = [...plain, item].sort((a, b) => a.time - b.time)
        }
        expect(heap.size).toBe(plain.length)
        expect(heap.dueAt).toBe(plain[0]?.time ?? Infinity)
      })
      expect(heap.inOrder()).toEqual(plain)
    }),
  )
})
