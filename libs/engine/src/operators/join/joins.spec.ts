import {
  job,
  session,
  sliding,
  tumbling,
  type Flow,
  type JoinKind,
  type KeyedStream,
  type TimeWindower,
} from '@lightflus/api'
import fc from 'fast-check'
import { anyRun } from '../../testing/any-run.ts'
import { foldedRows, sortedTexts } from '../../testing/folded-rows.ts'
import { runJob } from '../../testing/job-runs.ts'
import type { ListData } from '../../testing/list-connector.ts'
import { listSink, listSource } from '../../testing/list-job.ts'
import { anyUpserts, rowsInTheEnd, upsertData, upsertedRows, type TestRow, type Upsert } from '../../testing/upserts.ts'

// Goal: a join's result is that of nested loops over complete data, however the job is cut, spread, interrupted and
// resumed; and in a bounded job it is emitted row by row, without anything that is taken back.

const anyKind = fc.constantFrom<JoinKind>('inner', 'left', 'right', 'full')

interface Pair<L, R> {
  readonly left: L | null
  readonly right: R | null
}

/** Every left with every right one that matches, and as the kind says those that match nothing. */
function nestedLoops<L, R>(
  lefts: readonly L[],
  rights: readonly R[],
  kind: JoinKind,
  matches: (left: L, right: R) => boolean,
): Pair<L, R>[] {
  const pairs: Pair<L, R>[] = []
  for (const left of lefts) for (const right of rights) if (matches(left, right)) pairs.push({ left, right })
  if (kind === 'left' || kind === 'full')
    for (const left of lefts) if (!rights.some((right) => matches(left, right))) pairs.push({ left, right: null })
  if (kind === 'right' || kind === 'full')
    for (const right of rights) if (!lefts.some((left) => matches(left, right))) pairs.push({ left: null, right })
  return pairs
}

test('rows that come, change and go on both sides', async () => {
  const anyInput = fc.constantFrom('records' as const, 'changelog' as const)
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(anyUpserts, anyUpserts),
      fc.tuple(anyInput, anyInput),
      anyKind,
      fc.boolean(),
      anyRun,
      async ([lefts, rights], inputs, kind, bounded, way) => {
        const records = (flow: Flow, name: string) =>
          flow
            .source(listSource<Upsert>({ bounded }), { name })
            .map(({ key, n }): TestRow => ({ key, n }))
            .keyBy(({ key }) => key)
        const changing = (flow: Flow, name: string) => upsertedRows(flow, name, bounded).keyBy(({ key }) => key)
        const built = job('joined', (flow) => {
          const right = inputs[1] === 'records' ? records(flow, 'right') : changing(flow, 'right')
          const joined =
            inputs[0] === 'records'
              ? records(flow, 'left').join(right, { kind, name: 'join' })
              : changing(flow, 'left').join(right, { kind, name: 'join' })
          joined.sinkTo(listSink(), { name: 'out' })
        })
        const there = (upserts: readonly Upsert[], input: 'records' | 'changelog'): TestRow[] =>
          input === 'changelog' ? rowsInTheEnd(upserts) : upserts.map(({ key, n }) => ({ key, n }))
        const expected = nestedLoops(
          there(lefts, inputs[0]),
          there(rights, inputs[1]),
          kind,
          (left, right) => left.key === right.key,
        )
        const { rows, last } = await runJob(built, { left: upsertData(lefts), right: upsertData(rights) }, way)
        expect(last.ending).toBe('FINISHED')
        expect(foldedRows(rows)).toEqual(sortedTexts(expected))
        if (bounded) expect(rows).toHaveLength(expected.length)
      },
    ),
    { numRuns: 400 },
  )
})

/** How far out of order a partition's records may be, milliseconds: the source is told the same. */
const outOfOrdernessMs = 20

interface Timed {
  readonly key: string
  readonly id: number
  readonly time: number
}

/** Records of one side, by partitions; those of one key lie in one of them, so that their order is known. */
const anyTimed = fc
  .array(fc.array(fc.record({ key: fc.nat(1), step: fc.nat(12), back: fc.nat(outOfOrdernessMs) }), { maxLength: 25 }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((partitions) =>
    partitions.map((steps, partition) => {
      let newest = 0
      return steps.map(({ key, step, back }, index): Timed => {
        newest += step
        return { key: 'abcdef'[2 * partition + key], id: 100 * partition + index, time: newest - back }
      })
    }),
  )

const timedData = (partitions: readonly (readonly Timed[])[]): ListData =>
  Object.fromEntries(
    partitions.map((records, number) => [`p/${number}`, records.map((payload) => ({ payload, timestamp: 0 }))]),
  )

type Sides = { readonly left: KeyedStream<Timed, string>; readonly right: KeyedStream<Timed, string> }

/** Runs a join of two streams by all ways at once: what is late would be lost, so nothing may be. */
async function expectJoined(
  join: (sides: Sides) => void,
  [lefts, rights]: readonly [readonly Timed[][], readonly Timed[][]],
  run: Parameters<typeof runJob>[2],
  expected: readonly unknown[],
) {
  const built = job('timed', (flow) => {
    const side = (name: string) =>
      flow
        .source(listSource<Timed>({ outOfOrdernessMs, eventTime: ({ time }) => time }), { name })
        .keyBy(({ key }) => key)
    join({ left: side('left'), right: side('right') })
  })
  const { rows, last } = await runJob(built, { left: timedData(lefts), right: timedData(rights) }, run)
  expect(last.ending).toBe('FINISHED')
  expect(last.metrics.reduce((late, { recordsLate }) => late + recordsLate, 0)).toBe(0)
  expect(sortedTexts(rows.map(({ value, timestamp }) => ({ ...(value as object), timestamp })))).toEqual(
    sortedTexts(expected),
  )
}

const greater = (left: Timed | null, right: Timed | null) => Math.max(left?.time ?? -Infinity, right?.time ?? -Infinity)

test('records whose event times lie within an interval', async () => {
  const anyInterval = fc
    .tuple(fc.integer({ min: -30, max: 30 }), fc.nat(40))
    .map(([from, width]) => [from, from + width])
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(anyTimed, anyTimed),
      anyInterval,
      anyKind,
      anyRun,
      async (sides, [from, to], kind, run) => {
        const matches = (left: Timed, right: Timed) =>
          left.key === right.key && right.time >= left.time + from && right.time <= left.time + to
        const expected = nestedLoops(sides[0].flat(), sides[1].flat(), kind, matches).map(({ left, right }) => ({
          left,
          right,
          timestamp:
            left && right
              ? greater(left, right)
              : left
                ? Math.max(left.time, left.time + to)
                : Math.max(right!.time, right!.time - from),
        }))
        await expectJoined(
          ({ left, right }) =>
            left.intervalJoin(right, { from, to, kind, name: 'join' }).sinkTo(listSink(), { name: 'out' }),
          sides,
          run,
          expected,
        )
      },
    ),
    { numRuns: 300 },
  )
})

interface Bounds {
  readonly start: number
  readonly end: number
}

/** All windows that hold a record, from the definition of their kind: of sessions by letting gaps close one after the other. */
function windowsByDefinition(windower: TimeWindower<Timed>, records: readonly Timed[]): Bounds[] {
  const times = [...new Set(records.map(({ time }) => time))].sort((a, b) => a - b)
  if (windower.kind === 'session') {
    const bounds: { start: number; end: number }[] = []
    for (const time of times) {
      const last = bounds.at(-1)
      if (last && time < last.end) last.end = time + windower.gapMs!
      else bounds.push({ start: time, end: time + windower.gapMs! })
    }
    return bounds
  }
  if (windower.kind === 'calendar') throw new Error('not by this oracle')
  const slide = windower.kind === 'sliding' ? windower.slideMs : windower.sizeMs
  const bounds: Bounds[] = []
  for (let number = -20; number * slide <= (times.at(-1) ?? 0); number++) {
    const start = number * slide
    const end = start + windower.sizeMs
    if (times.some((time) => time >= start && time < end)) bounds.push({ start, end })
  }
  return bounds
}

test('records of one window', async () => {
  const anyWindower = fc.oneof(
    fc.integer({ min: 5, max: 60 }).map((size) => tumbling(size)),
    fc
      .tuple(fc.integer({ min: 5, max: 30 }), fc.integer({ min: 1, max: 3 }))
      .map(([every, times]) => sliding(every * times, { every })),
    fc.integer({ min: 1, max: 25 }).map((gap) => session<Timed>(gap)),
  )
  await fc.assert(
    fc.asyncProperty(fc.tuple(anyTimed, anyTimed), anyWindower, anyKind, anyRun, async (sides, windower, kind, run) => {
      const [lefts, rights] = sides.map((partitions) => partitions.flat())
      const expected = [...'abcdef'].flatMap((key) => {
        const ofKey = [lefts, rights].map((records) => records.filter((record) => record.key === key))
        return windowsByDefinition(windower, ofKey.flat()).flatMap(({ start, end }) => {
          const inside = ofKey.map((records) => records.filter(({ time }) => time >= start && time < end))
          return nestedLoops(inside[0], inside[1], kind, () => true).map((pair) => ({
            ...pair,
            start,
            timestamp: end - 1,
          }))
        })
      })
      await expectJoined(
        ({ left, right }) =>
          left
            .windowJoin(right, windower, {
              kind,
              combine: (l, r, { start }) => ({ left: l, right: r, start }),
              name: 'join',
            })
            .sinkTo(listSink(), { name: 'out' }),
        sides,
        run,
        expected,
      )
    }),
    { numRuns: 300 },
  )
})

test('records with the version that was valid at their event time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(anyTimed, anyTimed),
      fc.constantFrom('inner' as const, 'left' as const),
      anyRun,
      async (sides, kind, run) => {
        const versions = sides[1].flat()
        const expected = sides[0].flat().flatMap((left) => {
          const valid = versions.filter(({ key, time }) => key === left.key && time <= left.time)
          const newest = Math.max(...valid.map(({ time }) => time))
          // Of those of one time the last that was written.
          const right = valid.findLast(({ time }) => time === newest) ?? null
          return right === null && kind === 'inner' ? [] : [{ left, right, timestamp: left.time }]
        })
        await expectJoined(
          ({ left, right }) => left.temporalJoin(right, { kind, name: 'join' }).sinkTo(listSink(), { name: 'out' }),
          sides,
          run,
          expected,
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('records with the version that was valid, where versions are replaced and taken back', async () => {
  const isThere = ({ id }: Timed) => id % 3 !== 0
  await fc.assert(
    fc.asyncProperty(
      anyTimed,
      anyTimed,
      fc.constantFrom('inner' as const, 'left' as const),
      anyRun,
      async (lefts, unordered, kind, run) => {
        // Each version replaces the one before, so they come in the order of their times.
        const rights = unordered.map((records) => records.toSorted((a, b) => a.time - b.time))
        const expected = lefts.flat().flatMap((left) => {
          const newest = rights
            .flat()
            .filter(({ key, time }) => key === left.key && time <= left.time)
            .at(-1)
          const right = newest && isThere(newest) ? newest : null
          return right === null && kind === 'inner' ? [] : [{ left, right, timestamp: left.time }]
        })
        await expectJoined(
          ({ left, right }) =>
            left
              .temporalJoin(
                right
                  .deduplicate({ keep: 'last', name: 'newest' })
                  .filter(isThere)
                  .keyBy(({ key }) => key),
                { kind, name: 'join' },
              )
              .sinkTo(listSink(), { name: 'out' }),
          [lefts, rights],
          run,
          expected,
        )
      },
    ),
    { numRuns: 200 },
  )
})
