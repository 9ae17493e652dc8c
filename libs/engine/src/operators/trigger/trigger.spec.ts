import type { TriggerOptions } from '@lightflus/api'
import { runTable } from '../../testing/operator-table.ts'
import { row, session, windows } from '../../testing/window-tables.ts'

// Goal: each trigger, alone and within others, lets panes out when it says, and begins anew with the next.

const counted = (pane: string, all: string) => row('a', '0..10', pane, all)
const triggered = (trigger: TriggerOptions, options = {}) => windows({ trigger, ...options })
const each = { kind: 'count', count: 1 } as const

test('early and late results come beside the one on time, which comes also when nothing is new', async () => {
  await runTable(
    triggered(
      { kind: 'eventTime', early: { kind: 'every', everyMs: 5 }, late: { kind: 'every', everyMs: 60 } },
      { allowedLatenessMs: 20 },
    ),
    `now  100
     in   a:1@1
     now  104
     out
     in   a:2@2
     now  105
     out  ${counted('early 0', '1,2')}
     now  200
     out
     wm   10
     out  ${counted('onTime 1', '1,2')}
     in   a:3@3
     now  230
     in   a:4@4
     now  259
     out
     now  260
     out  ${counted('late 2', '1,2,3,4')}
     in   a:5@5
     wm   30
     out  ${counted('late 3 last', '1,2,3,4,5')}
     in   a:6@6
     now  400
     out`,
  )
})

test('discarding panes hold the records since the last; one on time with nothing new does not come', async () => {
  await runTable(
    triggered(
      { kind: 'eventTime', early: { kind: 'count', count: 2 }, late: null },
      { panes: 'discarding', allowedLatenessMs: 20 },
    ),
    `in   a:1@1 a:2@2
     out  ${counted('early 0', '1,2')}
     wm   10
     out
     in   a:3@3
     out  ${counted('late 1', '3')}`,
  )
})

test('a count fires again and again, and what is left over when the window is closed', async () => {
  await runTable(
    triggered({ kind: 'count', count: 2 }),
    `in   a:1@1 a:2@2 b:3@1 a:4@3 a:5@4 a:6@5
     out  ${counted('early 0', '1,2')}
     out  ${counted('early 1', '1,2,4,5')}
     wm   10
     out  ${counted('onTime 2 last', '1,2,4,5,6')}
     out  ${row('b', '0..10', 'onTime 0 last', '3')}`,
  )
})

test('the end of a window of event time may be told by the clock', async () => {
  await runTable(
    triggered({ kind: 'processingTime' }),
    `in   a:1@1
     now  10
     out  ${counted('early 0', '1')}
     in   a:2@2
     out  ${counted('early 1', '1,2')}
     wm   10
     out`,
  )
})

test('any fires with the first that is ready, all with the last; then all begin anew', async () => {
  const both = [{ kind: 'count', count: 3 } as const, { kind: 'every', everyMs: 10 } as const]
  await runTable(
    triggered({ kind: 'any', triggers: both }),
    `in   a:1@1 a:2@2
     now  9
     in   a:3@3
     out  ${counted('early 0', '1,2,3')}
     in   a:4@4
     now  18
     out
     now  19
     out  ${counted('early 1', '1,2,3,4')}`,
  )
  await runTable(
    triggered({ kind: 'all', triggers: both }),
    `in   a:1@1
     now  10
     in   a:2@2
     out
     in   a:3@3
     out  ${counted('early 0', '1,2,3')}
     in   a:4@4 a:5@5 a:6@6
     now  19
     out
     now  20
     out  ${counted('early 1', '1,2,3,4,5,6')}`,
  )
})

test('an alternative that the clock has passed without its other half does not hide a later one', async () => {
  const early = {
    kind: 'all',
    triggers: [{ kind: 'every', everyMs: 5 } as const, { kind: 'count', count: 9 } as const],
  } as const
  await runTable(
    triggered({ kind: 'any', triggers: [early, { kind: 'every', everyMs: 20 }] }),
    `in   a:1@1
     now  10
     out
     now  20
     out  ${counted('early 0', '1')}`,
  )
})

test('a sequence fires by one after the other, and by the last for ever', async () => {
  await runTable(
    triggered({ kind: 'sequence', triggers: [each, { kind: 'count', count: 2 }] }),
    `in   a:1@1 a:2@2 a:3@3 a:4@4 a:5@5
     out  ${counted('early 0', '1')}
     out  ${counted('early 1', '1,2,3')}
     out  ${counted('early 2', '1,2,3,4,5')}`,
  )
})

test('sessions that merge go on where the less advanced sequence was', async () => {
  await runTable(
    windows({ windower: session, trigger: { kind: 'sequence', triggers: [{ kind: 'count', count: 3 }, each] } }),
    `in   a:1@0 a:2@1 a:3@2
     out  ${row('a', '0..7', 'early 0', '1,2,3')}
     in   a:4@9 a:5@6
     out
     in   a:6@10
     out  ${row('a', '0..15', 'early 1', '1,2,3,4,5,6')}
     in   a:7@11
     out  ${row('a', '0..16', 'early 2', '1,2,3,4,5,6,7')}`,
  )
})

test('purging drops what has come out, by that trigger only', async () => {
  await runTable(
    triggered({
      kind: 'any',
      triggers: [
        { kind: 'purging', trigger: { kind: 'count', count: 3 } },
        { kind: 'every', everyMs: 5 },
      ],
    }),
    `in   a:1@1 a:2@2
     now  5
     out  ${counted('early 0', '1,2')}
     in   a:3@3 a:4@4 a:5@5
     out  ${counted('early 1', '1,2,3,4,5')}
     in   a:6@6
     wm   10
     out  ${counted('onTime 2 last', '6')}`,
  )
})
