import type { TriggerContext, WindowFunctions } from '@lightflus/api'
import { runTable } from '../../testing/operator-table.ts'
import { row, session, windows } from '../../testing/window-tables.ts'

// Goal: triggers of the program's own see records and times, remember their windows, and fail as every function does.

const counted = (pane: string, all: string) => row('a', '0..10', pane, all)
const fired = (functions: NonNullable<WindowFunctions['triggers']>[string], options = {}) =>
  windows({ trigger: { kind: 'custom', id: 'custom-1' }, ...options }, { triggers: { 'custom-1': functions } })

test('remember a window, and are called back at the times that they ask for', async () => {
  const calls: unknown[] = []
  const functions = {
    state: () => ({ total: 0 }),
    onRecord(value: number, context: TriggerContext<{ total: number }>) {
      context.state = { total: context.state.total + value }
      calls.push([value, context.timestamp, context.window, context.watermark, context.processingTime])
      if (value === 9) return 'purge'
      if (context.state.total >= 10) return 'fireAndPurge'
      context.timers.setEventTime(context.timestamp! + 2)
      context.timers.setProcessingTime(context.processingTime + 100)
      context.timers.deleteProcessingTime(150)
    },
    onEventTime: (time: number, { state, timestamp }: TriggerContext<unknown>) =>
      void calls.push(['event', time, state, timestamp]),
    onProcessingTime: (time: number) => (time === 100 ? 'fire' : 'continue'),
  }
  await runTable(
    fired(functions),
    `in   a:3@1
     now  50
     in   a:4@2
     out
     wm   3
     now  100
     out  ${counted('early 0', '3,4')}
     now  150
     out
     in   a:5@3
     out  ${counted('early 1', '3,4,5')}
     in   a:9@5
     out
     in   a:1@6
     out  ${counted('early 2', '1')}
     wm   10
     out`,
  )
  expect(calls.slice(0, 4)).toEqual([
    [3, 1, { start: 0, end: 10 }, null, 0],
    [4, 2, { start: 0, end: 10 }, null, 50],
    ['event', 3, { total: 7 }, null],
    [5, 3, { start: 0, end: 10 }, 3, 150],
  ])
})

test('a time that the watermark has reached already is called back at once', async () => {
  await runTable(
    fired({
      onRecord: (_value: number, { timers }: TriggerContext<unknown>) => timers.setEventTime(2),
      onEventTime: () => 'fire',
    }),
    `wm   5
     in   a:1@6 a:2@7
     out  ${counted('early 0', '1')}
     out  ${counted('early 1', '1,2')}`,
  )
})

test('a time is called back once, however often it was set', async () => {
  const times: number[] = []
  const functions = {
    onRecord: (_value: number, { timers }: TriggerContext<unknown>) => timers.setEventTime(5),
    onEventTime: (time: number) => void times.push(time),
  }
  const told = fired(functions)
  await runTable(told, `in a:1@1 a:2@2\n wm 5\n wm 6`)
  // Once in each of the four runs of the table.
  expect(times).toEqual([5, 5, 5, 5])
})

test('of sessions that merge, states, times and what was asked for become one', async () => {
  const functions = {
    state: () => [] as number[],
    onRecord(value: number, { state, timers }: TriggerContext<number[]>) {
      state.push(value)
      timers.setEventTime(value)
      return value === 20 ? 'fire' : 'continue'
    },
    onEventTime: (_time: number, { state }: TriggerContext<number[]>) => (state.length === 3 ? 'fire' : 'continue'),
    merge: (a: number[], b: number[]) => [...a, ...b],
  }
  await runTable(
    fired(functions, { windower: session }),
    `in   a:9@0 a:11@8 a:7@4
     wm   7
     out  ${row('a', '0..13', 'early 0', '9,11,7')}
     wm   9
     out  ${row('a', '0..13', 'early 1', '9,11,7')}
     wm   11
     out  ${row('a', '0..13', 'early 2', '9,11,7')}`,
  )
  const withCount = {
    kind: 'all',
    triggers: [
      { kind: 'custom', id: 'custom-1' },
      { kind: 'count', count: 3 },
    ],
  }
  await runTable(
    fired(functions, { windower: session, trigger: withCount }),
    `in   a:30@0 a:20@8
     out
     in   a:40@4
     out  ${row('a', '0..13', 'early 0', '30,20,40')}`,
  )
})

test('one that is set for the time that is called back, or before, is refused: it would be called for ever', async () => {
  const again = (later: number) =>
    fired({
      onRecord: (_value: number, { timers }: TriggerContext<unknown>) => timers.setEventTime(2),
      onEventTime: (time: number, { timers }: TriggerContext<unknown>) => {
        if (time < 5) timers.setEventTime(time + later)
        return 'fire'
      },
    })
  await expect(runTable(again(0), 'in a:1@1\nwm 4')).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message: expect.stringContaining('a timer set for 2 is not after 2, which is called back now'),
  })
  await runTable(
    again(2),
    `in   a:1@1
     wm   9
     out  ${counted('early 0', '1')}
     out  ${counted('early 1', '1')}
     out  ${counted('early 2', '1')}`,
  )
})

test('one that throws skips its record as a whole, state and timers included', async () => {
  const functions = {
    state: () => ({ seen: 0 }),
    onRecord(value: number, { state, timers }: TriggerContext<{ seen: number }>) {
      state.seen++
      timers.setEventTime(value)
      if (value === 4) throw new Error('four')
      return state.seen === 2 ? 'fire' : undefined
    },
    onEventTime: () => 'fire',
  }
  const { metrics } = await runTable(
    { ...fired(functions), onError: 'skip' },
    `in   a:8@1 a:4@2 b:4@2
     wm   5
     out
     in   a:9@3
     out  ${counted('early 0', '8,9')}`,
  )
  expect(metrics.recordsSkipped).toBe(2)
})

test('a timer that throws names key and window, or is skipped', async () => {
  const functions = {
    onRecord: (_value: number, { timers }: TriggerContext<unknown>) => timers.setEventTime(5),
    onEventTime() {
      throw new Error('too early')
    },
  }
  await expect(runTable(fired(functions), 'in a:1@1\nwm 5')).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message: 'Job test, operator window-1, key "a", window from 1970-01-01T00:00:00.000Z: too early',
  })
  await runTable(
    { ...fired(functions), onError: 'skip' },
    `in   a:1@1
     wm   5
     out
     wm   10
     out  ${counted('onTime 0 last', '1')}`,
  )
})

test('what is no action is refused', async () => {
  await expect(runTable(fired({ onRecord: () => 'FIRE' }), 'in a:1@1')).rejects.toMatchObject({
    code: 'LF_USER_RESULT',
    message: expect.stringContaining(
      'returned "FIRE"; it returns nothing or one of continue, fire, purge, fireAndPurge',
    ),
  })
})
