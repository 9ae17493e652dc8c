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
      expect([...heap.all()].sort((a, b) => a.id - b.id)).toEqual([...plain].sort((a, b) => a.id - b.id))
    }),
  )
})

test('what is nearly in order comes out in order, however much has been taken out', () => {
  const heap = new TimeHeap<{ time: number; id: number }>()
  const expected: { time: number; id: number }[] = []
  const out: { time: number; id: number }[] = []
  for (let id = 0; id < 10_000; id++) {
    const item = { time: id - (id % 7 === 0 ? 20 : 0), id }
    heap.push(item)
    expected.push(item)
    // Nothing earlier than this can come any more.
    while (heap.dueAt < id - 20) out.push(heap.pop())
  }
  while (heap.size > 0) out.push(heap.pop())
  expect(out).toEqual(expected.sort((a, b) => a.time - b.time))
})
