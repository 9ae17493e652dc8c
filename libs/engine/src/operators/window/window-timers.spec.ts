import fc from 'fast-check'
import { KeptWindow } from './kept-window.ts'
import { WindowTimers } from './window-timers.ts'

// Goal: windows are taken in the order of the times that they are due at, whatever was asked for before.

const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set'), window: fc.nat(7), time: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('postpone'), window: fc.nat(7), time: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop'), window: fc.nat(7), time: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take'), window: fc.constant(0), time: fc.nat(30) }) },
)

test('each window is due once, at the earliest time asked for, or later where that has become later', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const windows = Array.from({ length: 8 }, (_, order) => new KeptWindow('a', 0, 0, order, []))
      const postponed = new Map<KeptWindow, number>()
      const timers = new WindowTimers('eventDue', (window, time) => Math.max(time, postponed.get(window) ?? 0))
      const due = new Map<KeptWindow, number>()
      const from = (each: KeptWindow) => Math.max(due.get(each)!, postponed.get(each) ?? 0)
      for (const { kind, window: number, time } of commands) {
        const window = windows[number]
        if (kind === 'set') {
          timers.set(window, time)
          due.set(window, Math.min(time, due.get(window) ?? Infinity))
        } else if (kind === 'postpone') postponed.set(window, Math.max(time, postponed.get(window) ?? 0))
        else if (kind === 'drop') {
          timers.drop(window)
          due.delete(window)
        } else {
          const [next] = [...due.keys()].sort((a, b) => from(a) - from(b) || a.order - b.order)
          const expected = next !== undefined && from(next) <= time ? next : undefined
          expect(timers.take(time)).toBe(expected)
          if (expected) due.delete(expected)
        }
        expect(timers.next).toBeLessThanOrEqual(Math.min(Infinity, ...[...due.keys()].map(from)))
      }
    }),
    { numRuns: 2_000 },
  )
})

test('windows that are gone are not kept by their timers', () => {
  const timers = new WindowTimers('processingDue', (_window, time) => time)
  const windows = Array.from({ length: 100 }, (_, order) => new KeptWindow('a', 0, 0, order, []))
  for (const window of windows) timers.set(window, 1_000_000 - window.order)
  expect(timers.next).toBe(999_901)
  for (const window of windows) timers.drop(window)
  expect(timers.next).toBe(Infinity)
})
