import type { OperatorDefinition } from '@lightflus/api'
import type { SourcePartition, SourcePositions, SourceReader } from '../../connector.ts'
import { maxWatermark, minWatermark } from '../../record.ts'
import { operatorContext } from '../../testing/operator-context.ts'
import type { AlignmentPort } from '../../watermark/alignment.ts'
import { Source } from './source.ts'

interface State {
  bounded: boolean
  partitions: SourcePartition[]
  positions: Record<string, number>
}

function makeSource(
  state: State,
  {
    wakesReliably = false,
    idlenessMs = null as number | null,
    alignment = undefined as AlignmentPort | undefined,
  } = {},
) {
  const calls: unknown[] = []
  const reader: SourceReader = {
    get bounded() {
      return state.bounded
    },
    wakesReliably,
    async open(restored) {
      calls.push(['open', restored])
    },
    poll: () => undefined,
    partitions: () => state.partitions,
    positions: () => ({ ...state.positions }),
    onCheckpointComplete: (positions: SourcePositions) => void calls.push(['completed', positions]),
    async close() {
      calls.push(['close'])
    },
  }
  const operator = {
    node: {
      id: 'in',
      kind: 'source',
      named: true,
      connector: 'list',
      options: {
        watermark: { kind: 'monotonic' },
        maxClockAheadMs: null,
        idlenessMs,
        alignment: alignment && { maxDriftMs: 10 },
      },
    },
    functions: {},
  } as unknown as OperatorDefinition<'source'>
  const context = operatorContext(operator)
  return { source: new Source(context, reader, alignment), calls, metrics: context.metrics }
}

const partition = (name: string, ended: boolean, lag?: number): SourcePartition => ({
  name,
  ended,
  caughtUp: ended,
  ...(lag === undefined ? {} : { lag }),
})
const stateOf = (over: Partial<State> = {}): State => ({ bounded: true, partitions: [], positions: {}, ...over })
/** What a subtask with this state leaves in a checkpoint. */
async function leftBy(state: State): Promise<unknown> {
  const { source } = makeSource(state)
  await source.open()
  return structuredClone(source.snapshot(1).subtask)
}

test('a bounded source ends with its last partition, and at once if it has none', async () => {
  const state = stateOf({ partitions: [partition('a', true), partition('b', false)] })
  const { source } = makeSource(state)
  await source.open()
  expect(source.ended).toBe(false)
  state.partitions = [partition('a', true), partition('b', true)]
  source.observe()
  expect(source.ended).toBe(true)
  const none = makeSource(stateOf())
  await none.source.open()
  expect(none.source.ended).toBe(true)
})

test('an unbounded source does not end, and is idle where it has no partitions', async () => {
  const { source } = makeSource(stateOf({ bounded: false }))
  await source.open()
  expect(source).toMatchObject({ ended: false, idle: true })
})

test('lag is the sum of what partitions know of it', async () => {
  const { source, metrics } = makeSource(stateOf({ partitions: [partition('a', false), partition('b', false)] }))
  await source.open()
  expect(metrics.lag).toBeNull()
  const known = makeSource(
    stateOf({ partitions: [partition('a', false, 3), partition('b', false, 4), partition('c', false)] }),
  )
  await known.source.open()
  expect(known.metrics.lag).toBe(7)
})

test('every subtask is given the positions and watermarks of all', async () => {
  const left = [
    await leftBy(stateOf({ partitions: [partition('a', false)], positions: { a: 5 } })),
    await leftBy(stateOf({ partitions: [partition('b', false)], positions: { b: 7 } })),
  ]
  const { source, calls } = makeSource(stateOf({ partitions: [partition('b', false)] }))
  source.restore({ subtasks: left, keyGroups: new Map() })
  await source.open()
  expect(calls).toEqual([['open', { a: 5, b: 7 }]])
})

test('a source that had ended everywhere is not opened again, one that had not is', async () => {
  const ended = await leftBy(stateOf({ partitions: [partition('a', true)], positions: { a: 5 } }))
  const open = await leftBy(stateOf({ partitions: [partition('b', false)], positions: { b: 7 } }))
  const { source, calls } = makeSource(stateOf({ positions: { c: 1 } }))
  source.restore({ subtasks: [ended, ended], keyGroups: new Map() })
  await source.open()
  await source.close()
  expect(calls).toEqual([])
  expect(source).toMatchObject({ ended: true, watermark: maxWatermark })
  expect(source.snapshot(2).subtask).toMatchObject({ positions: { a: 5 }, ended: true })
  const other = makeSource(stateOf({ partitions: [partition('a', false)] }))
  other.source.restore({ subtasks: [ended, open], keyGroups: new Map() })
  await other.source.open()
  expect(other.source).toMatchObject({ ended: false })
})

test('positions of another connector are refused', async () => {
  const { source } = makeSource(stateOf())
  const left = { ...((await leftBy(stateOf())) as object), shape: 'kafka' }
  expect(() => source.restore({ subtasks: [left], keyGroups: new Map() })).toThrow(
    expect.objectContaining({ code: 'LF_RESTORE_MISMATCH' }),
  )
})

test('the reader hears of completed checkpoints with the positions that they hold', async () => {
  const state = stateOf({ bounded: false, positions: { a: 1 } })
  const { source, calls } = makeSource(state)
  await source.open()
  for (let checkpoint = 1; checkpoint <= 40; checkpoint++) {
    state.positions.a = checkpoint * 10
    source.snapshot(checkpoint)
  }
  for (const checkpoint of [39, 30, 40]) source.checkpointCompleted(checkpoint)
  expect(calls.slice(1)).toEqual([
    ['completed', { a: 390 }],
    ['completed', { a: 400 }],
  ])
})

test('a reader that wakes by itself is left alone, unless it has to be seen idle', () => {
  const state: State = { bounded: false, partitions: [], positions: {} }
  expect(makeSource(state).source.mustBeAsked).toBe(true)
  expect(makeSource(state, { wakesReliably: true }).source.mustBeAsked).toBe(false)
  expect(makeSource(state, { wakesReliably: true, idlenessMs: 1_000 }).source.mustBeAsked).toBe(true)
})

test('an aligned source tells how far it is, and that nobody waits for it while it is idle or once it has ended', async () => {
  const told: number[] = []
  let least = 0
  const alignment = { report: (watermark: number) => void told.push(watermark), least: () => least }
  const state = stateOf({ bounded: false, partitions: [partition('a', false)] })
  const { source } = makeSource(state, { alignment })
  await source.open()
  const read = (timestamp: number) => {
    source.take({ partition: 'a', payloads: [0], positions: [0], timestamps: [timestamp], bytes: 0 }, 0)
    source.observe()
  }
  read(10)
  expect(source.isHeld()).toBe(false)
  read(11)
  expect(source.isHeld()).toBe(true)
  least = 1
  expect(source.isHeld()).toBe(false)
  state.partitions = []
  source.observe()
  expect(source.idle).toBe(true)
  source.end()
  expect(told).toEqual([minWatermark, 10, 11, maxWatermark, maxWatermark])
})
