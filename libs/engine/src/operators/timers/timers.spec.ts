import { makeOperator, runTable } from '../../testing/operator-table.ts'
import { testedProcess } from '../../testing/process-specs.ts'

// Goal: when timers of either time fire, in which order, and what becomes of them at the end.

test('event-time timers fire when the watermark reaches them, by time and then in the order of setting', async () => {
  await runTable(
    testedProcess({
      onRecord(times: number[], { timers }) {
        for (const time of times) timers.setEventTime(time)
      },
      onTimer: (time, { key, timer, timestamp, watermark }) => [[key, time, timer, timestamp, watermark]],
    }),
    `in   b:[20,10,20]@1 a:[20,30]@2
     wm   9
     out
     wm   20
     out  ["b",10,"eventTime",10,20]@10
     out  ["b",20,"eventTime",20,20]@20
     out  ["a",20,"eventTime",20,20]@20
     in   c:[5]@3
     out
     wm   21
     out  ["c",5,"eventTime",5,21]@5
     wm   max
     out  ["a",30,"eventTime",30,null]@30`,
  )
})

test('a timer that is deleted does not fire', async () => {
  await runTable(
    testedProcess({
      onRecord(time: number, { timers }) {
        if (time > 0) timers.setEventTime(time)
        else timers.deleteEventTime(-time)
      },
      onTimer: (time) => [time],
    }),
    `in   a:10 b:10 a:20 a:-10 c:-10 b:-11
     wm   15
     out  10@10
     in   a:-20
     wm   max
     out`,
  )
})

test('onTimer may set further timers: later ones take their turn, those that are due wait for the next watermark', async () => {
  await runTable(
    testedProcess({
      onRecord: (time: number, { timers }) => timers.setEventTime(time),
      onTimer(time, { key, timers }) {
        if (key === 'a' && time < 40) timers.setEventTime(time + 10)
        if (key === 'past' && time > 0) timers.setEventTime(0)
        return [`${key}${time}`]
      },
    }),
    `in   a:10 b:25 past:12
     wm   35
     out  "a10"@10
     out  "past12"@12
     out  "a20"@20
     out  "b25"@25
     out  "a30"@30
     wm   36
     out  "past0"@0
     wm   max
     out  "a40"@40`,
  )
})

test('processing-time timers fire by the clock, without an event time, and the rest before the last watermark', async () => {
  await runTable(
    testedProcess({
      onRecord(times: number[], { timers, processingTime }) {
        for (const time of times) timers.setProcessingTime(processingTime + time)
        if (times.length === 0) timers.deleteProcessingTime(300)
      },
      onTimer(time, { key, timer, timestamp, processingTime, timers }) {
        timers.setProcessingTime(time + 1_000)
        return [[key, time, timer, timestamp, processingTime]]
      },
    }),
    `now  100
     in   a:[200,50,2000]@7 b:[200]@8
     out
     now  200
     out  ["a",150,"processingTime",null,200]
     in   b:[]
     now  2100
     out  ["a",300,"processingTime",null,2100]
     out  ["a",1150,"processingTime",null,2100]
     out  ["a",1300,"processingTime",null,2100]
     out  ["a",2100,"processingTime",null,2100]
     wm   max
     out  ["a",2150,"processingTime",null,2100]
     out  ["a",2300,"processingTime",null,2100]
     out  ["a",3100,"processingTime",null,2100]`,
  )
})

test('at the end a chain of timers is followed to its end, also where processing time begins it', async () => {
  await runTable(
    testedProcess({
      onRecord: (_: number, { timers }) => timers.setProcessingTime(1),
      onTimer(time, { timer, timers, watermark }) {
        if (timer === 'processingTime') timers.setEventTime(100)
        else if (time < 102) timers.setEventTime(time + 1)
        return [watermark === Infinity]
      },
    }),
    `in   a:0@50
     wm   max
     out  true
     out  true@100
     out  true@101
     out  true@102`,
  )
})

test.each(['later', 'past'])('timers that set themselves for ever are an error at the end: %s', async (when) => {
  const tested = testedProcess({
    onRecord: (_: number, { timers }) => timers.setEventTime(10),
    onTimer: (time, { timers }) => timers.setEventTime(when === 'later' ? time + 1 : time),
  })
  await expect(runTable({ ...tested, onError: 'skip' }, 'in a:0@5\nwm 20\nwm max')).rejects.toMatchObject({
    code: 'LF_USER_CONTEXT',
    message: expect.stringContaining('key "a" has set more than 1000 event-time timers after the end of the input'),
  })
})

test('timers that follow the records to the newest of them are no error, however many', async () => {
  const { operator } = makeOperator(
    testedProcess({
      onRecord: (_: number, { timers }) => timers.setEventTime(10),
      onTimer: (time, { timers }) => (time < 5_000 ? timers.setEventTime(time + 1) : [time]),
    }),
  )
  const emitted: unknown[] = []
  const output = { emit: ({ values }: { values: readonly unknown[] }) => void emitted.push(...values), emitSide() {} }
  operator.processBatch({ values: [0, 0], timestamps: [5, 5_000], keys: ['a', 'b'] }, output, 0)
  operator.onWatermark(Number.MAX_SAFE_INTEGER, output)
  expect(emitted).toEqual([5_000, 5_000])
})

test('a timer for no time at all is an error of its record', async () => {
  const tested = testedProcess({ onRecord: (n: number, { timers }) => timers.setEventTime(n * NaN), onTimer: () => [] })
  const { metrics } = await runTable({ ...tested, onError: 'skip' }, 'in a:1@1 a:2@2')
  expect(metrics.recordsSkipped).toBe(2)
  await expect(runTable(tested, 'in a:1@1')).rejects.toThrow(
    'a timer was set for NaN, which is no time in milliseconds',
  )
})
