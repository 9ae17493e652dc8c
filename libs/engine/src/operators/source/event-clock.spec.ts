import { maxWatermark, minWatermark } from '../../record.ts'
import { VirtualHost } from '../../testing/virtual-host.ts'
import { ClockGuard } from '../../watermark/clock-guard.ts'
import { boundedOutOfOrderness } from '../../watermark/strategies/bounded-out-of-orderness.ts'
import type { WatermarkStrategy } from '../../watermark/watermark-strategy.ts'
import { createOperatorMetrics } from '../../subtask/metrics.ts'
import { EventClock, type EventClockState } from './event-clock.ts'

const part = (name: string, state: 'open' | 'caughtUp' | 'ended' = 'open') => ({
  name,
  caughtUp: state === 'caughtUp',
  ended: state === 'ended',
})
const clockOf = (
  idlenessMs: number | null = null,
  restored?: EventClockState,
  strategy: WatermarkStrategy = boundedOutOfOrderness(5),
) => {
  const { clock } = new VirtualHost()
  const guard = new ClockGuard({ maxClockAheadMs: null, clock, metrics: createOperatorMetrics('in'), log() {} })
  return new EventClock({ strategy, guard, idlenessMs }, restored)
}
/** A batch whose newest record has this event time. */
const read = (clock: EventClock, partition: string, newest: number): void => {
  clock.take(partition, { values: [0], timestamps: [newest] }, newest)
}

/** Observes every 50 ms from `from` to `to`. */
function observeFor(clock: EventClock, from: number, to: number, ...partitions: ReturnType<typeof part>[]): void {
  for (let now = from; now <= to; now += 50) clock.observe(partitions, now)
}

test('the watermark stays behind the newest record by the out-of-orderness, of all partitions the least', () => {
  const clock = clockOf()
  clock.observe([part('a'), part('b')], 0)
  read(clock, 'a', 100)
  expect(clock.watermark).toBe(minWatermark)
  expect(clock.observe([part('a'), part('b')], 0)).toBe(false)
  read(clock, 'b', 50)
  expect(clock.observe([part('a'), part('b')], 0)).toBe(true)
  expect(clock.watermark).toBe(45)
  read(clock, 'b', 20)
  clock.observe([part('a'), part('b')], 0)
  expect(clock.watermark).toBe(45)
})

test('a new partition holds the watermark until its first record, or until it has ended', () => {
  const clock = clockOf()
  read(clock, 'a', 100)
  clock.observe([part('a')], 0)
  read(clock, 'a', 200)
  clock.observe([part('a'), part('b'), part('c')], 0)
  expect(clock.watermark).toBe(95)
  read(clock, 'b', 150)
  clock.observe([part('a'), part('b'), part('c', 'ended')], 0)
  expect(clock.watermark).toBe(145)
})

test('a partition is idle once it was at its end for the whole timeout, and not a moment earlier', () => {
  const clock = clockOf(1_000)
  read(clock, 'a', 100)
  observeFor(clock, 0, 950, part('a'), part('b', 'caughtUp'))
  expect(clock.watermark).toBe(minWatermark)
  clock.observe([part('a'), part('b', 'caughtUp')], 1_000)
  expect(clock).toMatchObject({ watermark: 95, idle: false })
})

test('the timeout begins anew when the partition was not at its end in between', () => {
  const clock = clockOf(1_000)
  read(clock, 'a', 100)
  observeFor(clock, 0, 900, part('a'), part('b', 'caughtUp'))
  clock.observe([part('a'), part('b')], 920)
  observeFor(clock, 950, 1_900, part('a'), part('b', 'caughtUp'))
  expect(clock.watermark).toBe(minWatermark)
})

test('time in which the source was not asked proves nothing', () => {
  const clock = clockOf(1_000)
  read(clock, 'a', 100)
  clock.observe([part('a'), part('b', 'caughtUp')], 0)
  clock.observe([part('a'), part('b', 'caughtUp')], 60_000)
  clock.observe([part('a'), part('b', 'caughtUp')], 120_000)
  expect(clock.watermark).toBe(minWatermark)
})

test('a clock that is set back does no harm', () => {
  const clock = clockOf(1_000)
  read(clock, 'a', 100)
  observeFor(clock, 50_000, 50_500, part('a'), part('b', 'caughtUp'))
  observeFor(clock, 0, 500, part('a'), part('b', 'caughtUp'))
  expect(clock.watermark).toBe(95)
})

test('when all are idle the source is, until a batch comes: which is told before the batch', () => {
  const clock = clockOf(1_000)
  clock.observe([part('a')], 0)
  read(clock, 'a', 100)
  observeFor(clock, 0, 1_000, part('a', 'caughtUp'))
  expect(clock).toMatchObject({ watermark: 95, idle: true })
  expect(clock.wakes('a')).toBe(true)
  expect(clock).toMatchObject({ watermark: 95, idle: false })
  expect(clock.wakes('a')).toBe(false)
})

test('with no idleness a silent partition holds the watermark for ever', () => {
  const clock = clockOf(null)
  read(clock, 'a', 100)
  observeFor(clock, 0, 100_000, part('a'), part('b', 'caughtUp'))
  expect(clock.watermark).toBe(minWatermark)
})

test('without partitions the source is idle at once', () => {
  const clock = clockOf()
  clock.observe([], 0)
  expect(clock.idle).toBe(true)
})

test('a partition that is gone holds nothing back', () => {
  const clock = clockOf()
  read(clock, 'a', 100)
  clock.observe([part('a'), part('b')], 0)
  clock.observe([part('a')], 0)
  expect(clock.watermark).toBe(95)
})

test('the end is the last watermark; each partition keeps its own for a restore', () => {
  const clock = clockOf()
  read(clock, 'a', 100)
  clock.observe([part('a', 'ended'), part('b')], 0)
  clock.end()
  expect(clock).toMatchObject({ watermark: maxWatermark, idle: false })
  expect(clock.snapshot()).toEqual({ watermark: maxWatermark, partitions: { a: 95, b: minWatermark } })
})

test('restored watermarks go on where they were and never back', () => {
  const restored = clockOf(null, { watermark: 80, partitions: { a: 95, b: 80 } })
  expect(restored.watermark).toBe(80)
  restored.observe([part('a'), part('b')], 0)
  read(restored, 'b', 60)
  restored.observe([part('a'), part('b')], 0)
  expect(restored.watermark).toBe(80)
  read(restored, 'b', 200)
  restored.observe([part('a'), part('b')], 0)
  expect(restored.watermark).toBe(95)
})

test('what a system claims of a partition counts beside what its records show, and never goes back', () => {
  const clock = clockOf()
  read(clock, 'a', 100)
  clock.observe([{ ...part('a'), watermark: 500 }], 0)
  expect(clock.watermark).toBe(500)
  clock.observe([{ ...part('a'), watermark: 400 }], 0)
  read(clock, 'a', 200)
  clock.observe([part('a'), { ...part('b'), watermark: 600 }], 0)
  expect(clock.watermark).toBe(500)
  expect(clock.snapshot()).toEqual({ watermark: 500, partitions: { a: 500, b: 600 } })
})

test('what a strategy remembers of each partition is in the snapshot, and its watermark rises between batches', () => {
  const counting: WatermarkStrategy = (restored) => {
    const state = (restored as { batches: number } | undefined) ?? { batches: 0 }
    return {
      take: () => ++state.batches * 10,
      onPeriodic: (now) => state.batches * 10 + Math.min(now, 5),
      snapshot: () => state,
    }
  }
  const clock = clockOf(null, undefined, counting)
  read(clock, 'a', 0)
  read(clock, 'a', 0)
  read(clock, 'b', 0)
  clock.observe([part('a'), part('b')], 0)
  expect(clock.watermark).toBe(10)
  clock.observe([part('a'), part('b')], 3)
  expect(clock.watermark).toBe(13)
  const left = structuredClone(clock.snapshot())
  expect(left).toEqual({
    watermark: 13,
    partitions: { a: 23, b: 13 },
    strategies: { a: { batches: 2 }, b: { batches: 1 } },
  })
  const restored = clockOf(null, left, counting)
  read(restored, 'b', 0)
  restored.observe([part('b')], 0)
  expect(restored.watermark).toBe(20)
})
