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
  /** Whether its sinks write anything. */
  readonly writes: boolean
  /** What it is told of checkpoints, on its way. */
  readonly notes: { readonly checkpoint: number; readonly exists: boolean }[]
  /** The fate of checkpoints up to this one is known to it. */
  decidedTo: number
  /** Pieces of output that no checkpoint which it knows to exist has named. */
  prepared: { readonly checkpoint: number; readonly pieces: readonly number[] } | undefined
  committing: { readonly checkpoint: number; readonly pieces: readonly number[] } | undefined
  state: 'running' | 'finished' | 'stopped'
}

/** One subtask's snapshot; of no checkpoint where it was left at the end. */
interface Snapshot {
  readonly id: string
  readonly checkpoint: number | null
  readonly pieces: readonly number[]
}

/**
 * Subtasks and storage that keep to the protocol, but dawdle, decline, fail and finish as they like. Those that write have a
 * new piece of output at each barrier and at their end.
 */
class Simulation {
  readonly #subtasks: readonly Subtask[]
  #state = startCheckpoints({ plan, attempt: 1, firstCheckpoint, failuresInRowMax: 2 })
  #writing: CheckpointManifest | undefined
  /** The log is being told that the output of this checkpoint is committed. */
  #logging: number | undefined
  #pieces = 0
  /** Pieces that a checkpoint which exists names; all that can be seen. */
  readonly #promised = new Set<number>()
  readonly #visible = new Set<number>()
  #timer: number | undefined
  #newest = firstCheckpoint - 1
  /** By number. */
  readonly #snapshots: Snapshot[] = []
  readonly #discarded = new Set<number>()
  readonly #named = new Set<number>()
  ending: string | undefined

  /** @param writers ids of the subtasks that write */
  constructor(writers: ReadonlySet<string>) {
    this.#subtasks = subtasksOf(plan).map((address) => ({
      id: subtaskId(address),
      address,
      isSource: address.chain === 'words',
      barriers: [],
      writes: writers.has(subtaskId(address)),
      notes: [],
      decidedTo: firstCheckpoint - 1,
      prepared: undefined,
      committing: undefined,
      state: 'running',
    }))
  }

  /**
   * What can happen now. The first ones are those that bring the attempt to its end.
   * @param withEnds also what ends subtasks, or the attempt early
   */
  possible(withEnds: boolean): (() => void)[] {
    const events: (() => void)[] = []
    const writing = this.#writing
    if (writing) events.push(() => this.#settle(writing, true))
    const logging = this.#logging
    if (logging !== undefined) events.push(() => this.#logged(logging))
    for (const subtask of this.#subtasks) {
      if (subtask.notes.length > 0) events.push(() => this.#read(subtask))
      if (subtask.committing) events.push(() => this.#commit(subtask, subtask.committing!))
    }
    // Nothing is prepared before the fate of what was prepared before is known.
    const running = this.#subtasks.filter(
      ({ state, prepared, decidedTo }) => state === 'running' && !(prepared && prepared.checkpoint > decidedTo),
    )
    for (const subtask of running) if (subtask.barriers.length > 0) events.push(() => this.#take(subtask, true))
    for (const subtask of running) if (withEnds && this.#mayFinish(subtask)) events.push(() => this.#finish(subtask))
    if (writing) events.push(() => this.#settle(writing, false))
    for (const subtask of running) if (subtask.barriers.length > 0) events.push(() => this.#take(subtask, false))
    const timer = this.#timer
    if (timer !== undefined) events.push(() => this.#expire(timer))
    events.push(
      () => this.#tell({ type: 'intervalElapsed' }),
      () => this.#tell({ type: 'savepointRequested', then: 'CONTINUE' }),
    )
    if (withEnds)
      events.push(
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
    this.#prepare(subtask, checkpoint)
    if (stores) this.#tell({ type: 'acknowledged', subtask: address, checkpoint, ...this.#store(subtask, checkpoint) })
    else this.#tell({ type: 'declined', subtask: address, checkpoint })
  }

  #finish(subtask: Subtask): void {
    subtask.state = 'finished'
    this.#prepare(subtask, Math.max(subtask.decidedTo, subtask.prepared?.checkpoint ?? 0) + 1)
    this.#tell({ type: 'finished', subtask: subtask.address, ...this.#store(subtask, null) })
  }

  #prepare(subtask: Subtask, checkpoint: number): void {
    if (!subtask.writes) return
    subtask.prepared = { checkpoint, pieces: [...(subtask.prepared?.pieces ?? []), this.#pieces++] }
  }

  #read(subtask: Subtask): void {
    const { checkpoint, exists } = subtask.notes.shift()!
    subtask.decidedTo = checkpoint
    if (!exists || !subtask.prepared) return
    expect(subtask.committing).toBeUndefined()
    expect(subtask.prepared.checkpoint).toBeLessThanOrEqual(checkpoint)
    subtask.committing = { checkpoint, pieces: subtask.prepared.pieces }
    subtask.prepared = undefined
  }

  #commit(subtask: Subtask, { checkpoint, pieces }: NonNullable<Subtask['committing']>): void {
    subtask.committing = undefined
    for (const piece of pieces) {
      expect(this.#promised.has(piece)).toBe(true)
      expect(this.#visible.has(piece)).toBe(false)
      this.#visible.add(piece)
    }
    this.#tell({ type: 'committed', subtask: subtask.address, checkpoint })
  }

  #logged(checkpoint: number): void {
    this.#logging = undefined
    this.#tell({ type: 'commitLogged', checkpoint })
  }

  /** All that was promised can be seen. */
  #expectKept(): void {
    expect([...this.#promised].filter((piece) => !this.#visible.has(piece))).toEqual([])
  }

  #settle(manifest: CheckpointManifest, exists: boolean): void {
    this.#writing = undefined
    const { checkpoint } = manifest
    if (exists) {
      // Of what a checkpoint promises the log knows before there is another.
      this.#expectKept()
      for (const { snapshot } of manifest.subtasks) {
        this.#named.add(snapshot as number)
        for (const piece of this.#snapshots[snapshot as number].pieces) this.#promised.add(piece)
      }
    }
    const effects = this.#tell({ type: exists ? 'manifestWritten' : 'manifestFailed', checkpoint })
    const ended = effects.some(({ type }) => type === 'endAttempt')
    if (ended) expect(exists && manifest.ending !== null && manifest.outputs.length === 0).toBe(true)
  }

  #expire(checkpoint: number): void {
    this.#timer = undefined
    this.#tell({ type: 'expired', checkpoint })
  }

  #fail(): void {
    this.#tell({ type: 'attemptFailed' })
    this.ending ??= 'FAILED'
  }

  #store({ id, prepared }: Subtask, checkpoint: number | null) {
    const pieces = prepared?.pieces ?? []
    const snapshot = this.#snapshots.push({ id, checkpoint, pieces }) - 1
    return { snapshot, outputs: pieces.length > 0 ? ['out'] : [] }
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
        // A final barrier is the last one.
        expect(this.#subtasks.map(({ state }) => state)).not.toContain('stopped')
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
        expect(this.ending).toBeUndefined()
        expect(this.#visible.size).toBe(this.#pieces)
        this.ending = effect.ending
        return
      case 'failAttempt':
        expect(this.ending).toBeUndefined()
        this.ending = 'FAILED'
        return
      case 'notifyCompleted':
      case 'notifyAborted':
        for (const address of effect.subtasks) {
          const exists = effect.type === 'notifyCompleted'
          const told = this.#subtasks.find(({ id }) => id === subtaskId(address))!
          told.notes.push({ checkpoint: effect.checkpoint, exists })
        }
        return
      case 'logCommitted':
        this.#expectKept()
        expect(this.#logging).toBeUndefined()
        this.#logging = effect.checkpoint
        return
      case 'drainSources':
      case 'reportFailure':
        return
    }
  }

  #checkManifest({ checkpoint, subtasks, kind }: CheckpointManifest): void {
    if (kind === 'final') this.#newest = checkpoint
    expect(subtasks.map(subtaskId)).toEqual(this.#subtasks.map(({ id }) => id))
    for (const { snapshot, finished, ...address } of subtasks) {
      expect(this.#snapshots[snapshot as number]).toMatchObject({
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

const ids = subtasksOf(plan).map(subtaskId)

test('whatever happens in whatever order, the protocol keeps its promises and comes to an end', () => {
  const endings = new Set<string>()
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 150 }), fc.subarray(ids), (choices, writers) => {
      const simulation = new Simulation(new Set(writers))
      for (const choice of choices) {
        const events = simulation.possible(choice % 8 === 0)
        events[(choice >> 3) % events.length]()
      }
      // From here on all goes well: it must end, and with nothing left lying about.
      for (let steps = 0; simulation.ending === undefined; steps++) {
        expect(steps).toBeLessThan(100)
        simulation.possible(true)[0]()
      }
      if (simulation.ending !== 'FAILED') expect(simulation.leftOver().filter((left) => left !== null)).toEqual([])
      endings.add(simulation.ending)
    }),
    { numRuns: 800 },
  )
  expect([...endings].sort()).toEqual(['DRAINED', 'FAILED', 'FINISHED', 'SUSPENDED'])
})
