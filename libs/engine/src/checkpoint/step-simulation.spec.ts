import { count, job } from '@lightflus/api'
import fc from 'fast-check'
import { planJob } from '../plan/plan-job.ts'
import { subtaskId, subtasksOf } from '../plan/plan.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import type { CheckpointEffect, CheckpointEvent, CheckpointManifest } from './protocol.ts'
import { startCheckpoints, step } from './step.ts'

const { graph } = job('counting', (flow) => {
  flow
    .source(listSource<string>(), { name: 'words' })
    .keyBy((word) => word)
    .aggregate({ n: count() }, { name: 'counts' })
    .sinkTo(listSink())
}).build()
const plan = planJob(graph, 2)
const firstCheckpoint = 10

interface Subtask {
  readonly id: string
  readonly address: { readonly chain: string; readonly index: number }
  readonly isSource: boolean
  /** Barriers that are on their way to it or have arrived. */
  readonly barriers: { readonly checkpoint: number; readonly final: boolean }[]
  state: 'running' | 'finished' | 'stopped'
}

/** Subtasks and storage that keep to the protocol, but dawdle, decline, fail and finish as they like. */
class Simulation {
  readonly #subtasks: readonly Subtask[] = subtasksOf(plan).map((address) => ({
    id: subtaskId(address),
    address,
    isSource: address.chain === 'words',
    barriers: [],
    state: 'running',
  }))
  #state = startCheckpoints({ plan, attempt: 1, firstCheckpoint, failuresInRowMax: 2 })
  #writing: CheckpointManifest | undefined
  #timer: number | undefined
  #newest = firstCheckpoint - 1
  /** Whose snapshot each number is, and of which checkpoint (null: left at the end). */
  readonly #snapshots: { readonly id: string; readonly checkpoint: number | null }[] = []
  readonly #discarded = new Set<number>()
  readonly #named = new Set<number>()
  ending: string | undefined

  /** What can happen now. The first ones are those that bring the attempt to its end. */
  possible(): (() => void)[] {
    const events: (() => void)[] = []
    const writing = this.#writing
    if (writing) events.push(() => this.#settle(writing, true))
    const running = this.#subtasks.filter(({ state }) => state === 'running')
    for (const subtask of running) if (subtask.barriers.length > 0) events.push(() => this.#take(subtask, true))
    for (const subtask of running) if (this.#mayFinish(subtask)) events.push(() => this.#finish(subtask))
    if (writing) events.push(() => this.#settle(writing, false))
    for (const subtask of running) if (subtask.barriers.length > 0) events.push(() => this.#take(subtask, false))
    const timer = this.#timer
    if (timer !== undefined) events.push(() => this.#expire(timer))
    events.push(
      () => this.#tell({ type: 'intervalElapsed' }),
      () => this.#tell({ type: 'intervalElapsed' }),
      () => this.#tell({ type: 'savepointRequested', then: 'CONTINUE' }),
      () => this.#tell({ type: 'savepointRequested', then: 'SUSPENDED' }),
      () => this.#tell({ type: 'drainRequested' }),
      () => this.#fail(),
    )
    return events
  }

  /** A source may end at any time; what is behind the exchange ends when all sources have. */
  #mayFinish({ isSource }: Subtask): boolean {
    return isSource || this.#subtasks.every((other) => !other.isSource || other.state === 'finished')
  }

  #take(subtask: Subtask, stores: boolean): void {
    const { checkpoint, final } = subtask.barriers.shift()!
    if (final) subtask.state = 'stopped'
    const { address } = subtask
    if (stores)
      this.#tell({ type: 'acknowledged', subtask: address, checkpoint, snapshot: this.#store(subtask, checkpoint) })
    else this.#tell({ type: 'declined', subtask: address, checkpoint })
  }

  #finish(subtask: Subtask): void {
    subtask.state = 'finished'
    this.#tell({ type: 'finished', subtask: subtask.address, snapshot: this.#store(subtask, null) })
  }

  #settle(manifest: CheckpointManifest, exists: boolean): void {
    this.#writing = undefined
    const { checkpoint } = manifest
    if (exists) for (const { snapshot } of manifest.subtasks) this.#named.add(snapshot as number)
    const effects = this.#tell({ type: exists ? 'manifestWritten' : 'manifestFailed', checkpoint })
    const ended = effects.some(({ type }) => type === 'endAttempt')
    if (ended) expect(exists && manifest.ending !== null).toBe(true)
  }

  #expire(checkpoint: number): void {
    this.#timer = undefined
    this.#tell({ type: 'expired', checkpoint })
  }

  #fail(): void {
    this.#tell({ type: 'attemptFailed' })
    this.ending ??= 'FAILED'
  }

  #store({ id }: Subtask, checkpoint: number | null): number {
    return this.#snapshots.push({ id, checkpoint }) - 1
  }

  #tell(event: CheckpointEvent): readonly CheckpointEffect[] {
    const { state, effects } = step(this.#state, event)
    this.#state = state
    for (const effect of effects) this.#perform(effect)
    return effects
  }

  #perform(effect: CheckpointEffect): void {
    const mayStart = () => expect(this.ending).toBeUndefined()
    switch (effect.type) {
      case 'injectBarrier':
        mayStart()
        expect(effect.barrier.checkpoint).toBeGreaterThan(this.#newest)
        this.#newest = effect.barrier.checkpoint
        expect(effect.subtasks).not.toHaveLength(0)
        for (const subtask of this.#subtasks) if (subtask.state === 'running') subtask.barriers.push(effect.barrier)
        return
      case 'startTimer':
        mayStart()
        expect(this.#timer).toBeUndefined()
        this.#timer = effect.checkpoint
        return
      case 'stopTimer':
        // After `expired` the timer has gone off already.
        if (this.#timer !== undefined) expect(this.#timer).toBe(effect.checkpoint)
        this.#timer = undefined
        return
      case 'writeManifest':
        mayStart()
        expect(this.#writing).toBeUndefined()
        this.#checkManifest(effect.manifest)
        this.#writing = effect.manifest
        return
      case 'discardSnapshots':
        for (const snapshot of effect.snapshots as number[]) {
          expect(this.#named.has(snapshot) || this.#discarded.has(snapshot)).toBe(false)
          expect(this.#snapshots[snapshot].checkpoint).not.toBeNull()
          this.#discarded.add(snapshot)
        }
        return
      case 'endAttempt':
      case 'failAttempt':
        expect(this.ending).toBeUndefined()
        this.ending = effect.type === 'endAttempt' ? effect.ending : 'FAILED'
        return
      case 'notifyCompleted':
      case 'notifyAborted':
      case 'logCommitted':
      case 'drainSources':
      case 'reportFailure':
        return
    }
  }

  #checkManifest({ checkpoint, subtasks, kind }: CheckpointManifest): void {
    if (kind === 'final') this.#newest = checkpoint
    expect(subtasks.map(subtaskId)).toEqual(this.#subtasks.map(({ id }) => id))
    for (const { snapshot, finished, ...address } of subtasks) {
      expect(this.#snapshots[snapshot as number]).toEqual({
        id: subtaskId(address),
        checkpoint: finished ? null : checkpoint,
      })
      expect(this.#discarded.has(snapshot as number)).toBe(false)
    }
  }

  /** Snapshots that no checkpoint names and nobody was told to remove. */
  leftOver(): readonly (number | null)[] {
    return this.#snapshots
      .filter((_, number) => !this.#named.has(number) && !this.#discarded.has(number))
      .map(({ checkpoint }) => checkpoint)
  }
}

test('whatever happens in whatever order, the protocol keeps its promises and comes to an end', () => {
  const endings = new Set<string>()
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 80 }), (choices) => {
      const simulation = new Simulation()
      for (const choice of choices) {
        const events = simulation.possible()
        events[choice % events.length]()
      }
      // From here on all goes well: it must end, and with nothing left lying about.
      for (let steps = 0; simulation.ending === undefined; steps++) {
        expect(steps).toBeLessThan(100)
        simulation.possible()[0]()
      }
      if (simulation.ending !== 'FAILED') expect(simulation.leftOver().filter((left) => left !== null)).toEqual([])
      endings.add(simulation.ending)
    }),
    { numRuns: 2_000 },
  )
  expect([...endings].sort()).toEqual(['DRAINED', 'FAILED', 'FINISHED', 'SUSPENDED'])
})
