import { enter } from './sealed-process.ts'
import { isLightflusError } from '@lightflus/api'
import { disturb } from './disturb.ts'
import type { FreshWish } from './fresh-wish.ts'
import { isBetweenWorkers, type Mutation } from './mutations.ts'
import type { SimEnd, SimRequest } from './sim-attempt.ts'
import { SimCluster, slotStartMsMax } from './sim-cluster.ts'
import { drawInput, drawJob, type Input, type Item, type Rows } from './sim-jobs.ts'
import { SimProcess } from './sim-process.ts'
import { SimPlace } from './sim-storage.ts'
import { SimTarget, type Staging } from './sim-target.ts'
import { Violation, World } from './world.ts'

/** What one simulation went through, for whoever wants to know that all of it is met. */
export interface Simulated {
  readonly steps: number
  readonly attempts: number
  /** How often each happened. */
  readonly met: Readonly<Record<string, number>>
}

/** More than any job takes once nothing fails any more. */
const processesMax = 60

type End = SimEnd | { readonly kind: 'lost' }

/**
 * Plays one job from its beginning to its end, as the seed says: attempt after attempt is disturbed, then left alone; then
 * all that was stopped goes on, and what the target shows is compared with what the job's definition says of the input.
 * @param onTrace is told what happens, line by line
 * @throws Violation saying what is wrong
 */
export async function simulate(
  seed: number,
  { mutation, onTrace }: { readonly mutation?: Mutation | undefined; readonly onTrace?: (line: string) => void } = {},
): Promise<Simulated> {
  const world = new World(seed, onTrace)
  enter({
    now: world.now,
    random: world.dice.next,
    after: (ms, callback) => world.after(world.current, ms, callback),
  })
  try {
    return await new Simulation(world, mutation).run()
  } finally {
    enter(undefined)
  }
}

class Simulation {
  readonly #world: World
  readonly #mutation: Mutation | undefined
  readonly #place: SimPlace
  readonly #target: SimTarget
  readonly #job
  readonly #input: Input
  readonly #settings
  readonly #clusters: SimCluster[] = []
  readonly #processes: SimProcess[] = []
  /** The newest attempt that each process has claimed. */
  readonly #claimed = new Map<number, number>()
  /** How far each attempt has read. */
  readonly #read = new Map<number, Map<string, number>>()
  readonly #met: Record<string, number> = {}
  #version = 0
  #wish: FreshWish | undefined
  #request: SimRequest | undefined
  /** It was asked for, and cannot be taken back. */
  #isDraining = false

  constructor(world: World, mutation: Mutation | undefined) {
    const { dice } = world
    this.#world = world
    this.#mutation = mutation
    this.#place = new SimPlace(world, mutation)
    this.#target = new SimTarget(world, mutation, this.#place)
    this.#job = drawJob(dice, mutation)
    this.#input = drawInput(dice, this.#job)
    const segmented = dice.chance(0.5)
    this.#settings = {
      segmented,
      staging: dice.pick<Staging>(['transaction', 'marker']),
      interpreted: dice.chance(0.9),
      intervalMs: dice.span(8, 200),
      // Segments are stored part by part.
      checkpointMsMax: dice.span(60, 600) + (segmented ? 300 : 0),
      checkpointsKept: dice.between(1, 3),
      failing: dice.pick([0, 0.005, 0.02, 0.05]),
      disturbed: dice.between(0, 5),
      workersMax: dice.chance(isBetweenWorkers(mutation) ? 1 : 0.35) ? 3 : 1,
    }
  }

  async run(): Promise<Simulated> {
    for (let number = 1; ; number += 1) {
      if (number > processesMax) throw new Violation(`after ${processesMax} processes the job has not ended`)
      const end = await this.#process(number <= this.#settings.disturbed)
      this.#count(end.kind === 'ended' ? end.ending : end.kind)
      if (end.kind === 'failed') await this.#onFailed(end.thrown)
      if (end.kind !== 'ended') continue
      if (end.ending === 'FINISHED' || end.ending === 'DRAINED') break
      // It was started to go on.
      this.#request = this.#isDraining ? 'drain' : undefined
    }
    const generation = this.#place.generationOf(this.#place.newest!.state.checkpoints.at(-1)!.attempt)
    // Whoever wakes later may be one that starts the job afresh.
    const expected = this.#expected()
    this.#compare(generation, expected)
    await this.#wakeAll()
    this.#compare(generation, expected)
    const attempts = this.#place.newest!.state.attempt
    await this.#world.until(this.#place.assertNothingLeft())
    return { steps: this.#world.steps, attempts, met: this.#met }
  }

  /** Whatever stood still goes on, until nobody has anything to do any more. */
  async #wakeAll(): Promise<void> {
    const world = this.#world
    for (const { actors } of this.#processes) for (const actor of actors) world.wake(actor)
    for (const cluster of this.#clusters) cluster.wake()
    if (this.#settings.workersMax > 1) {
      await world.until(world.wait(world.director, 2 * slotStartMsMax))
      for (const cluster of this.#clusters) cluster.end()
    }
    await world.toRest()
  }

  async #process(isDisturbed: boolean): Promise<End> {
    const world = this.#world
    const { dice } = world
    const { failing, ...settings } = this.#settings
    if (isDisturbed && dice.chance(0.1)) {
      this.#count('damage')
      await this.#place.damage()
    }
    this.#wishAnew(isDisturbed)
    const process = new SimProcess(
      {
        ...settings,
        cluster: this.#clusterFor(isDisturbed),
        place: this.#place,
        failing: isDisturbed ? failing : 0,
        number: this.#processes.length + 1,
        wish: this.#wish,
        onClaimed: (number, attempt) => void this.#claimed.set(number, attempt),
        onRestored: (number, former) => {
          this.#read.set(number, new Map(former === undefined ? [] : this.#read.get(former)))
        },
      },
      this.#request,
    )
    this.#processes.push(process)
    const end = Promise.withResolvers<End>()
    const { parallelism, workers } = process.cluster.options
    world.trace(
      `process ${process.number} starts, ${parallelism} slots of ${workers} workers, asked to ${this.#request ?? 'run'}`,
    )
    world.as(process.main, () => process.run()).then(end.resolve, end.reject)
    if (isDisturbed) this.#disturb(process, () => end.resolve({ kind: 'lost' }))
    return world.until(end.promise)
  }

  /** Where the next process finds its workers: as the one before, or on others, often with the next version of the program. */
  #clusterFor(isDisturbed: boolean): SimCluster {
    const { dice } = this.#world
    const before = this.#clusters.at(-1)
    const failing = isDisturbed ? this.#settings.failing : 0
    if (before && before.options.workers > 1 && before.options.failing === failing && dice.chance(0.6)) return before
    if (before) this.#world.after(this.#world.director, dice.span(1, 3_000), () => before.end())
    const { versions, name } = this.#job
    if (before && this.#version < versions.length - 1 && dice.chance(0.4)) {
      this.#version += 1
      this.#count('nextVersion')
    }
    const version = versions[this.#version]
    this.#place.newestVersion = version
    const parallelism = dice.between(1, 4)
    const cluster = new SimCluster({
      world: this.#world,
      input: this.#input,
      target: this.#target,
      staging: this.#settings.staging,
      interpreted: this.#settings.interpreted,
      segmented: this.#settings.segmented,
      failing,
      mutation: this.#mutation,
      onRead: (number, partition, to) => {
        const read = this.#read.get(number) ?? new Map<string, number>()
        this.#read.set(number, read.set(partition, to))
      },
      place: this.#place,
      job: name,
      number: this.#clusters.length + 1,
      version,
      parallelism,
      workers: dice.between(1, Math.min(this.#settings.workersMax, parallelism)),
      claimedBy: (process) => this.#claimed.get(process) ?? 0,
    })
    this.#clusters.push(cluster)
    if (cluster.options.workers > 1) this.#count('severalWorkers')
    return cluster
  }

  /** Now and then somebody has the job start afresh, or from a checkpoint of those that are kept. */
  #wishAnew(isDisturbed: boolean): void {
    const { dice } = this.#world
    const { newest } = this.#place
    if (!isDisturbed || !newest || this.#isDraining || !dice.chance(0.2)) return
    const kept = newest.state.checkpoints
    const id = `wish ${this.#processes.length}`
    const isAfresh = kept.length === 0 || dice.chance(0.3)
    this.#count(isAfresh ? 'afresh' : 'from')
    this.#wish = isAfresh ? { id } : { id, from: { checkpoint: dice.pick(kept).checkpoint } }
  }

  /** @param lose gives the process up, whatever it does */
  #disturb(process: SimProcess, lose: () => void): void {
    disturb(this.#world, process, {
      lose,
      ask: (request) => {
        // Sources that have been drained stay so, whatever is asked for after.
        if (this.#isDraining) return
        this.#isDraining = request === 'drain'
        this.#request = request
        process.request(request)
      },
      onDisturbed: (what) => this.#count(what),
    })
  }

  async #onFailed(thrown: unknown): Promise<void> {
    if (!isLightflusError(thrown)) return
    if (thrown.code === 'LF_RESTORE_REPEATS' || thrown.code === 'LF_RESTORE_UNKNOWN') this.#wish = undefined
    // As the error says: nothing else brings it on.
    if (thrown.code === 'LF_SINK_COMMIT_LOST') this.#wish = { id: `instead of ${this.#wish?.id}` }
    if (thrown.code !== 'LF_CHECKPOINT_DAMAGED') return
    if (!(await this.#place.mend())) throw new Violation(`nothing was damaged, and yet: ${thrown.message}`)
  }

  /** Of a job that was drained, what it had read until then is all that there is. */
  #expected(): string[] {
    const { attempt } = this.#place.newest!.state.checkpoints.at(-1)!
    return this.#rowsOf(this.#isDraining ? this.#read.get(attempt)! : undefined)
  }

  #rowsOf(read: ReadonlyMap<string, number> | undefined): string[] {
    const input = Object.fromEntries(
      Object.entries(this.#input).map(([source, partitions]): [string, Item[]] => [
        source,
        Object.entries(partitions).flatMap(([name, items]) => items.slice(0, read ? (read.get(name) ?? 0) : undefined)),
      ]),
    )
    return asLines(this.#job.expected(input))
  }

  /** What is shown of a job that was since started afresh may be less than all of it, never more. */
  #compare(generation: number, expected: readonly string[]): void {
    for (const [shown, visible] of this.#target.visible) {
      if (shown === generation) continue
      const added = difference(visible, this.#rowsOf(undefined)).added
      if (added.length > 0 && !this.#isDrained(shown, visible))
        throw new Violation(`of a job that was started afresh since ${added.length} rows are too many (${few(added)})`)
    }
    const { lost, added } = difference(this.#target.visible.get(generation) ?? {}, expected)
    if (lost.length + added.length === 0) return
    const missing = `of ${expected.length} rows ${lost.length} are lost (${few(lost)})`
    throw new Violation(`${missing}, and ${added.length} too many (${few(added)})`)
  }

  /** Whether that is what a job shows that was asked to drain, and of which that is all that there is. */
  #isDrained(generation: number, visible: Rows): boolean {
    const attempt = this.#place.newestOf(generation)
    if (!this.#isDraining || attempt === undefined) return false
    return difference(visible, this.#rowsOf(this.#read.get(attempt))).added.length === 0
  }

  #count(what: string): void {
    this.#world.trace(what)
    this.#met[what] = (this.#met[what] ?? 0) + 1
  }
}

function asLines(rows: Rows): string[] {
  return Object.entries(rows).flatMap(([sink, values]) => values.map((value) => `${sink}:${JSON.stringify(value)}`))
}

const few = (lines: readonly string[]): string => lines.slice(0, 3).join(' ')

function difference(shown: Rows, expected: readonly string[]): { readonly lost: string[]; readonly added: string[] } {
  const left = Map.groupBy(asLines(shown), (line) => line)
  const lost = expected.filter((line) => left.get(line)?.pop() === undefined)
  return { lost, added: [...left.values()].flat() }
}
