import type { Key } from '@lightflus/api'
import fc from 'fast-check'
import { TimerQueue, type TimerColumns } from './timer-queue.ts'

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('add' as const), time: fc.nat(30), key: fc.constantFrom('a', 'b', 1) }),
  },
  fc.record({ do: fc.constant('delete' as const), time: fc.nat(30), key: fc.constantFrom('a', 'b', 1) }),
  fc.record({ do: fc.constantFrom('take' as const, 'restore' as const) }),
)

test('timers come out by time, and those for one time in the order in which they were set', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      let queue = new TimerQueue()
      let timers: { readonly time: number; readonly key: string | number }[] = []
      for (const each of steps) {
        const least = Math.min(...timers.map(({ time }) => time))
        expect(queue.size).toBe(timers.length)
        expect(queue.next).toBe(least)
        expect(queue.last).toBe(Math.max(...timers.map(({ time }) => time)))
        if (each.do === 'add' || each.do === 'delete') {
          const { time, key } = each
          const others = timers.filter((timer) => timer.time !== time || timer.key !== key)
          const isSet = others.length < timers.length
          if (each.do === 'add') {
            expect(queue.add(time, key)).toBe(!isSet)
            if (!isSet) timers.push({ time, key })
          } else {
            expect(queue.delete(time, key)).toBe(isSet)
            timers = others
          }
        } else if (each.do === 'restore') {
          const groups = structuredClone([...queue.snapshot().values()])
          queue = new TimerQueue()
          queue.restore(groups)
        } else if (timers.length > 0) {
          const { time, keys } = queue.take()
          expect({ time, keys: [...keys] }).toEqual({
            time: least,
            keys: timers.filter((timer) => timer.time === least).map(({ key }) => key),
          })
          timers = timers.filter((timer) => timer.time !== least)
        }
      }
    }),
    { numRuns: 300 },
  )
})

const copyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('add' as const, 'delete' as const), time: fc.nat(2), key: fc.nat(8) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('copy' as const), entries: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('take' as const, 'freeze' as const) }) },
)

test('timers are copied as they were when they were frozen, each once, whatever is set and deleted meanwhile', () => {
  fc.assert(
    fc.property(fc.array(copyStep, { maxLength: 60, size: 'max' }), (steps) => {
      const queue = new TimerQueue()
      let copying: { readonly advance: (entries: number) => boolean } | undefined
      const freeze = () => {
        const expected = inOrder(queue.snapshot().values())
        const blocks: TimerColumns[] = []
        const frozen = queue.freeze()
        frozen.begin((_, block) => blocks.push(structuredClone(block) as TimerColumns))
        const advance = (entries: number) => {
          if (frozen.advance(entries)) return true
          expect(inOrder(blocks)).toEqual(expected)
          return false
        }
        return { advance }
      }
      for (const each of steps) {
        if (each.do === 'add') queue.add(each.time, each.key)
        else if (each.do === 'delete') queue.delete(each.time, each.key)
        else if (each.do === 'take') {
          if (queue.next < Infinity) queue.take()
        } else if (each.do === 'copy') {
          if (copying?.advance(each.entries) === false) copying = undefined
        } else {
          copying?.advance(Infinity)
          copying = freeze()
        }
      }
      copying?.advance(Infinity)
    }),
    { numRuns: 300 },
  )
})

/** The timers of all key groups, in the order in which they would fire. */
function inOrder(groups: Iterable<TimerColumns>): (readonly [number, Key])[] {
  return [...groups]
    .flatMap(({ times, keys, positions }) => times.map((time, i) => ({ time, key: keys[i], position: positions[i] })))
    .sort((a, b) => a.time - b.time || a.position - b.position)
    .map(({ time, key }) => [time, key])
}

test('times of every kind are told apart, however many there are', () => {
  const queue = new TimerQueue()
  const times = [
    0,
    0.5,
    -1,
    2 ** 31,
    2 ** 32,
    -(2 ** 40),
    2 ** 53 - 1,
    ...Array.from({ length: 5_000 }, (_, i) => i * 1_024),
  ]
  for (const time of times) queue.add(time, 'a')
  expect([queue.add(-0, 'a'), queue.add(2 ** 32, 'a'), queue.delete(0.25, 'a')]).toEqual([false, false, false])
  const fired: number[] = []
  while (queue.next < Infinity) fired.push(queue.take().time)
  expect(fired).toEqual([...new Set(times)].sort((a, b) => a - b))
})

test('timers that are put off again and again leave the last', () => {
  const queue = new TimerQueue()
  queue.add(0, 'first')
  for (let time = 1; time < 100_000; time++) {
    queue.add(time, 'a')
    queue.delete(time - 1, 'a')
  }
  expect(queue.delete(0, 'first')).toBe(true)
  expect({ next: queue.next, last: queue.last }).toEqual({ next: 99_999, last: 99_999 })
})
