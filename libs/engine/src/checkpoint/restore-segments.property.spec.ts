import { count, job } from '@lightflus/api'
import fc from 'fast-check'
import { keyGroupCount, subtaskOfKeyGroup } from '../key-group.ts'
import { planJob } from '../plan/plan-job.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { restoreSubtask } from './restore.ts'
import { snapshotFormatVersion, type SubtaskSnapshot } from './snapshot.ts'
import type { RestoredSegment, StateSegment } from './state-segment.ts'

// Goal: state that lies in segments is the same after any number of restarts at any parallelism, although segments are named
// again by subtasks that own only a part of them, and hold what others have written anew since.

const { graph } = job('counting', (flow) => {
  flow
    .source(listSource<string>(), { name: 'words' })
    .keyBy((word) => word)
    .aggregate({ n: count() }, { name: 'counts' })
    .sinkTo(listSink())
}).build()

type Groups = Map<number, number>

/** All that segments ever held, by their names. */
const disk = new Map<string, ReadonlyMap<number, number>>()

/** A subtask whose state is what its segments say, the later ones before the earlier ones. */
class Subtask {
  segments: readonly StateSegment[]

  constructor(restored: readonly RestoredSegment[]) {
    this.segments = restored
  }

  get state(): Groups {
    const state: Groups = new Map()
    for (const { name, keyGroups } of this.segments)
      for (const [group, value] of disk.get(name)!)
        if (!keyGroups || (group >= keyGroups.first && group <= keyGroups.last)) state.set(group, value)
    return state
  }

  write(written: ReadonlyMap<number, number>): void {
    const name = `${disk.size}`
    disk.set(name, written)
    this.segments = [...this.segments, { name, path: name, bytes: written.size }]
  }

  compact(): void {
    const { state } = this
    this.segments = []
    this.write(state)
  }
}

const someStep = fc.record({
  parallelism: fc.constantFrom(1, 2, 3, 4, 7, 128),
  /** What each of a few key groups becomes. */
  written: fc.array(fc.record({ group: fc.nat(keyGroupCount - 1), value: fc.nat() }), { maxLength: 30 }),
  /** Of subtasks, modulo their number. */
  compacted: fc.array(fc.nat(127), { maxLength: 3 }),
})

test('state in segments is what was written, whatever the parallelism was and is', () => {
  fc.assert(
    fc.property(fc.array(someStep, { minLength: 2, maxLength: 8 }), (steps) => {
      disk.clear()
      const expected: Groups = new Map()
      let left: SubtaskSnapshot[] = []
      for (const { parallelism, written, compacted } of steps) {
        const plan = planJob(graph, parallelism)
        const chain = plan.chains.at(-1)!.id
        const subtasks = Array.from({ length: parallelism }, (_, index) => {
          const { segments = [] } = restoreSubtask(plan, left, { chain, index }).get('counts') ?? {}
          return new Subtask(segments)
        })
        const found = new Map(subtasks.flatMap(({ state }) => [...state]))
        expect(new Map([...found].toSorted(([a], [b]) => a - b))).toEqual(
          new Map([...expected].toSorted(([a], [b]) => a - b)),
        )
        for (const index of compacted) subtasks[index % parallelism].compact()
        const byOwner = Map.groupBy(written, ({ group }) => subtaskOfKeyGroup(group, parallelism))
        for (const [owner, its] of byOwner)
          subtasks[owner].write(new Map(its.map(({ group, value }) => [group, value])))
        for (const { group, value } of written) expected.set(group, value)
        left = subtasks.map(({ segments }, index) => ({
          formatVersion: snapshotFormatVersion,
          chain,
          index,
          operators: [{ operator: 'counts', kind: 'aggregate', subtask: null, keyGroups: new Map(), segments }],
        }))
      }
    }),
    { numRuns: 300 },
  )
})
