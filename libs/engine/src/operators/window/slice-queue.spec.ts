import { count } from '@lightflus/api'
import fc from 'fast-check'
import { aggregatesFold, reduceFold, type Fold } from '../fold/fold.ts'
import { SliceQueue } from './slice-queue.ts'

const text = reduceFold((a, b) => `${String(a)}${String(b)}`)
const growing: Fold = { ...text, staysSmall: false }

test('a window is all its slices in their order, whatever came and went and changed before', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('push' as const), gap: fc.nat(3) }),
    fc.record({ do: fc.constant('drop' as const), by: fc.nat(5) }),
    fc.record({ do: fc.constant('update' as const), at: fc.nat(20) }),
  )
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(text, growing),
      fc.nat(20),
      (steps, fold, firstTurn) => {
        const queue = new SliceQueue(fold, firstTurn)
        let slices: { start: number; cell: unknown[] }[] = []
        let next = 0
        let first = 0
        for (const each of steps) {
          if (each.do === 'push') {
            next += each.gap + 1
            slices.push({ start: next, cell: [`<${next}>`] })
            queue.push(next, slices.at(-1)!.cell)
          } else if (each.do === 'drop') {
            first = Math.min(next, first + each.by)
            slices = slices.filter(({ start }) => start >= first)
            queue.dropBefore(first)
          } else {
            const start = first + (each.at % (next - first + 1))
            let slice = slices.find((other) => other.start === start)
            if (slice === undefined) slices.push((slice = { start, cell: ['+'] }))
            else slice.cell[0] = `${String(slice.cell[0])}+`
            slices.sort((a, b) => a.start - b.start)
            queue.update(start, slice.cell)
          }
          expect(queue.length).toBe(slices.length)
          if (slices.length > 0) expect(queue.join()[0]).toBe(slices.map(({ cell }) => cell[0]).join(''))
        }
      },
    ),
    { numRuns: 1_000 },
  )
})

test.each([5, 50, 3_600])(
  'a window of %i slices costs five merges a slide, copies included, however many slices it has',
  (length) => {
    let merges = 0
    const n = { ...count(), merge: (a: number, b: number) => (merges++, a + b) }
    const queue = new SliceQueue(aggregatesFold(['n'], { n }, 'fail'))
    const slides = 10 * length
    for (let start = 0; start < slides; start++) {
      queue.push(start, [1])
      queue.dropBefore(start - length + 1)
      expect(queue.join()).toEqual([Math.min(start + 1, length)])
    }
    // A slice joins the newer ones, later the older ones, of which it needs a copy; and a result is a copy of the older with the newer.
    expect(merges / slides).toBeLessThan(5.1)
  },
)
