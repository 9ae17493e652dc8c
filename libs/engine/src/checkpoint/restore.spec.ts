import { count, job } from '@lightflus/api'
import { keyGroupCount, subtaskOfKeyGroup } from '../key-group.ts'
import { planJob } from '../plan/plan-job.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { restoreSubtask } from './restore.ts'
import { snapshotFormatVersion, type SubtaskSnapshot } from './snapshot.ts'

const { graph } = job('counting', (flow) => {
  flow
    .source(listSource<string>(), { name: 'words' })
    .keyBy((word) => word)
    .aggregate({ n: count() }, { name: 'counts' })
    .sinkTo(listSink())
}).build()

/** Snapshots of the keyed chain at some parallelism: the state of each group is its number. */
function snapshotsOf(parallelism: number): SubtaskSnapshot[] {
  return Array.from({ length: parallelism }, (_, index) => {
    const owned = Array.from({ length: keyGroupCount }, (_, group) => group).filter(
      (group) => subtaskOfKeyGroup(group, parallelism) === index,
    )
    return {
      formatVersion: snapshotFormatVersion,
      chain: 'counts',
      index,
      operators: [
        { operator: 'counts', kind: 'aggregate', subtask: `of ${index}`, keyGroups: new Map(owned.map((g) => [g, g])) },
      ],
    }
  })
}

test.each([
  [1, 1],
  [1, 4],
  [4, 1],
  [2, 3],
  [3, 128],
])('from parallelism %p to %p every key group goes to its owner, once', (before, after) => {
  const plan = planJob(graph, after)
  const chain = plan.chains.at(-1)!.id
  const seen = new Set<number>()
  for (let index = 0; index < after; index++) {
    const { subtasks, keyGroups } = restoreSubtask(plan, snapshotsOf(before), { chain, index }).get('counts')!
    expect(subtasks).toEqual(Array.from({ length: before }, (_, old) => `of ${old}`))
    for (const [group, state] of keyGroups) {
      expect(state).toBe(group)
      expect(subtaskOfKeyGroup(group, after)).toBe(index)
      expect(seen.has(group)).toBe(false)
      seen.add(group)
    }
  }
  expect(seen.size).toBe(keyGroupCount)
})

test.each([
  [1, 4],
  [4, 2],
  [3, 5],
  [128, 1],
])(
  'from parallelism %p to %p every segment goes to those who take key groups from it, in its order',
  (before, after) => {
    const plan = planJob(graph, after)
    const chain = plan.chains.at(-1)!.id
    const segment = (name: string) => ({ name, path: `disk/${name}`, bytes: 1 })
    // The first segment comes from a time with one subtask, so that all of the later ones name it.
    const left = snapshotsOf(before).map((snapshot) => ({
      ...snapshot,
      operators: snapshot.operators.map((each) => ({
        ...each,
        segments: [segment('first'), segment(`${snapshot.index}`)],
      })),
    }))
    const owners = Array.from({ length: keyGroupCount }, (_, group) => ({
      group,
      from: subtaskOfKeyGroup(group, before),
      to: subtaskOfKeyGroup(group, after),
    }))
    for (let index = 0; index < after; index++) {
      const { segments = [] } = restoreSubtask(plan, left, { chain, index }).get('counts')!
      const taken = segments.flatMap(({ name, keyGroups: { first, last } }) =>
        Array.from({ length: last - first + 1 }, (_, at) => `${name} ${first + at}`),
      )
      const due = [
        ...Map.groupBy(
          owners.filter(({ to }) => to === index),
          ({ from }) => from,
        ),
      ].flatMap(([from, groups]) =>
        ['first', `${from}`].flatMap((name) => groups.map(({ group }) => `${name} ${group}`)),
      )
      expect(taken).toEqual(due)
    }
  },
)

test('a segment that was taken over in parts is given on in those parts alone', () => {
  const plan = planJob(graph, 2)
  const chain = plan.chains.at(-1)!.id
  const part = (name: string, first: number, last: number) => ({
    ...{ name, path: name, bytes: 1 },
    keyGroups: { first, last },
  })
  // Subtask 0 has two former ones, of which the first wrote anew what it had in `old`.
  const [whole] = snapshotsOf(1)
  const segments = [part('new', 0, 31), part('old', 32, 127), { name: 'own', path: 'own', bytes: 1 }]
  const left = [{ ...whole, operators: whole.operators.map((each) => ({ ...each, segments })) }]
  const given = (index: number) =>
    restoreSubtask(plan, left, { chain, index })
      .get('counts')!
      .segments!.map(({ name, keyGroups: { first, last } }) => `${name} ${first} to ${last}`)
  expect(given(0)).toEqual(['new 0 to 31', 'old 32 to 63', 'own 0 to 63'])
  expect(given(1)).toEqual(['old 64 to 127', 'own 64 to 127'])
})

test('operators without state in the checkpoint start afresh', () => {
  const plan = planJob(graph, 2)
  expect([...restoreSubtask(plan, snapshotsOf(2), { chain: 'words', index: 0 })]).toEqual([])
})

test('state that the program has no operator for is refused, all of it named', () => {
  const plan = planJob(graph, 1)
  const [snapshot] = snapshotsOf(1)
  const strange = (operator: string, kind: 'window' | 'aggregate') => ({ ...snapshot.operators[0], operator, kind })
  const operators = [strange('counts', 'window'), strange('gone', 'aggregate'), strange('gone', 'aggregate')]
  expect(() => restoreSubtask(plan, [{ ...snapshot, operators }], { chain: 'words', index: 0 })).toThrow(
    expect.objectContaining({
      code: 'LF_RESTORE_MISMATCH',
      message:
        'Job counting: the checkpoint holds state of counts (window; it is aggregate now), gone (aggregate), which the program does not have.',
      details: { job: 'counting', operators: ['counts', 'gone'] },
      nextStep: expect.stringMatching(/: --drop-state counts --drop-state gone\.$/),
    }),
  )
})

test('state that the program has no operator for is dropped where that is wanted, output of sinks only by name', () => {
  const plan = planJob(graph, 1)
  const [snapshot] = snapshotsOf(1)
  const address = { chain: plan.chains.at(-1)!.id, index: 0 }
  const [counts] = snapshot.operators
  const gone = { ...counts, operator: 'gone' }
  const other = { ...counts, kind: 'window' as const }
  const out = { ...counts, operator: 'out', kind: 'sink' as const, subtask: { checkpoint: 7 }, keyGroups: new Map() }
  const restored = (operators: (typeof counts)[], dropState: string[]) =>
    restoreSubtask(plan, [{ ...snapshot, operators }], address, { dropState, committedTo: 6 })
  const mismatch = (operators: string[]) =>
    expect.objectContaining({ code: 'LF_RESTORE_MISMATCH', details: { job: 'counting', operators } })
  expect(restored([counts, gone], ['gone']).get('counts')!.keyGroups).toEqual(counts.keyGroups)
  // What the program has is kept, whatever is to be dropped.
  expect(restored([counts, gone], ['all', 'counts']).get('counts')!.keyGroups).toEqual(counts.keyGroups)
  expect([...restored([other, gone], ['counts', 'gone'])]).toEqual([])
  expect(() => restored([other, gone], ['gone'])).toThrow(mismatch(['counts']))
  expect(() => restored([gone, out], ['all'])).toThrow(mismatch(['out']))
  expect([...restored([gone, out], ['all', 'out'])]).toEqual([])
})

test('state is taken over under a former name, by an operator of its kind that has none of its own', () => {
  const built = job('counting', (flow) => {
    flow
      .source(listSource<string>(), { name: 'words', formerly: ['texts'] })
      .keyBy((word) => word)
      .aggregate({ n: count() }, { name: 'totals', formerly: ['sums', 'counts'] })
      .sinkTo(listSink())
  }).build()
  const plan = planJob(built.graph, 2)
  const address = { chain: plan.chains.at(-1)!.id, index: 1 }
  const snapshots = (...names: readonly (readonly [string, 'aggregate' | 'window'])[]): SubtaskSnapshot[] =>
    snapshotsOf(3).map((snapshot) => ({
      ...snapshot,
      operators: names.map(([operator, kind]) => ({ ...snapshot.operators[0], operator, kind })),
    }))
  const mismatch = (operators: string[]) =>
    expect.objectContaining({ code: 'LF_RESTORE_MISMATCH', details: { job: 'counting', operators } })
  const expected = [
    ...restoreSubtask(planJob(graph, 2), snapshotsOf(3), { ...address, chain: planJob(graph, 2).chains.at(-1)!.id }),
  ]
  expect([...restoreSubtask(plan, snapshots(['counts', 'aggregate']), address).get('totals')!.keyGroups]).toEqual([
    ...expected[0][1].keyGroups,
  ])
  expect(() => restoreSubtask(plan, snapshots(['counts', 'window']), address)).toThrow(mismatch(['counts']))
  const both = snapshots(['totals', 'aggregate'], ['counts', 'aggregate'])
  expect(() => restoreSubtask(plan, both, address)).toThrow(mismatch(['counts']))
  const two = snapshots(['counts', 'aggregate'], ['sums', 'aggregate'])
  expect(() => restoreSubtask(plan, two, address)).toThrow(mismatch(['counts']))
  expect(restoreSubtask(plan, two, address, { dropState: ['counts'] }).get('totals')!.keyGroups.size).toBeGreaterThan(0)
})

test('a key group that is there twice is damage, not state', () => {
  const plan = planJob(graph, 2)
  const twice = [...snapshotsOf(1), ...snapshotsOf(1)]
  expect(() => restoreSubtask(plan, twice, { chain: 'counts', index: 1 })).toThrow(
    expect.objectContaining({ code: 'LF_CHECKPOINT_DAMAGED' }),
  )
})
