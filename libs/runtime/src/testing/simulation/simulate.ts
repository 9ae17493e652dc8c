import { enter } from './sealed-process.ts'
import { isLightflusError } from '@lightflus/api'
import type { Mutation } from './mutations.ts'
import { isExpected, SimAttempt, type SimEnd, type SimRequest } from './sim-attempt.ts'
import { drawInput, simJobs, type Input, type Item } from './sim-jobs.ts'
import { SimPlace } from './sim-storage.ts'
import { Fenced, SimTarget, TargetFailed, type Staging } from './sim-target.ts'
import { Violation, World } from './world.ts'

/** What one simulation went through, for whoever wants to know that all of it is met. */
export interface Simulated {
  readonly steps: number
  readonly attempts: number
  /** How often each happened. */
  readonly met: Readonly<Record<string, number>>
}

/** More than any job takes once nothing fails any more. */
const attemptsMax = 60

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
  readonly #attempts: SimAttempt[] = []
  /** How far each attempt has read. */
  readonly #read = new Map<number, Map<string, number>>()
  readonly #met: Record<string, number> = {}
  #request: SimRequest | undefined
  /** It was asked for, and cannot be taken back. */
  #isDraining = false

  constructor(world: World, mutation: Mutation | undefined) {
    const { dice } = world
    this.#world = world
    this.#mutation = mutation
    this.#place = new SimPlace(world, mutation)
    this.#target = new SimTarget(world, mutation, this.#place.existsTo)
    this.#job = dice.pick(simJobs)
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
    }
  }

  async run(): Promise<Simulated> {
    for (let number = 1; ; number += 1) {
      if (number > attemptsMax) throw new Violation(`after ${attemptsMax} attempts the job has not ended`)
      const end = await this.#attempt(number <= this.#settings.disturbed)
      this.#count(end.kind === 'ended' ? end.ending : end.kind)
      if (end.kind === 'failed') await this.#onFailed(end.thrown)
      if (end.kind !== 'ended') continue
      if (end.ending === 'FINISHED' || end.ending === 'DRAINED') break
      // It was started to go on.
      this.#request = this.#isDraining ? 'drain' : undefined
    }
    const expected = this.#expected()
    this.#compare(expected)
    for (const { actors } of this.#attempts) for (const actor of actors) this.#world.wake(actor)
    await this.#world.toRest()
    this.#compare(expected)
    await this.#world.until(this.#place.assertNothingLeft())
    return { steps: this.#world.steps, attempts: this.#attempts.length, met: this.#met }
  }

  async #attempt(isDisturbed: boolean): Promise<End> {
    const world = this.#world
    const { failing, ...settings } = this.#settings
    if (isDisturbed && world.dice.chance(0.1)) {
      this.#count('damage')
      await this.#place.damage()
    }
    const attempt = new SimAttempt({
      ...settings,
      world,
      job: this.#job,
      input: this.#input,
      place: this.#place,
      target: this.#target,
      parallelism: world.dice.between(1, 4),
      failing: isDisturbed ? failing : 0,
      request: this.#request,
      mutation: this.#mutation,
      onRestored: (number, former) => this.#read.set(number, new Map(this.#read.get(former))),
      onRead: (number, partition, to) => {
        const read = this.#read.get(number) ?? new Map<string, number>()
        this.#read.set(number, read.set(partition, to))
      },
    })
    this.#attempts.push(attempt)
    const end = Promise.withResolvers<End>()
    world.current = attempt.coordinator
    const number = this.#attempts.length
    world.trace(`process ${number} starts, ${attempt.slots.length} slots, asked to ${this.#request ?? 'run'}`)
    attempt.run().then((ended) => {
      world.trace(`process ${number} ${ended.kind}: ${ended.kind === 'ended' ? ended.ending : String(ended.thrown)}`)
      this.#assertExpected(attempt, ended)
      end.resolve(ended)
    }, end.reject)
    if (isDisturbed) this.#disturb(attempt, () => end.resolve({ kind: 'lost' }))
    return world.until(end.promise)
  }

  /** @param lose gives the attempt up, whatever it does */
  #disturb(attempt: SimAttempt, lose: () => void): void {
    const world = this.#world
    const { dice, director } = world
    const all = attempt.actors
    const later = (act: () => void): void => void world.after(director, dice.span(1, 1_500), act)
    const slot = (): (typeof attempt.slots)[number] => dice.pick(attempt.slots)
    const ask = (request: SimRequest) => () => {
      // Sources that have been drained stay so, whatever is asked for after.
      if (this.#isDraining) return
      this.#isDraining = request === 'drain'
      this.#request = request
      attempt.request(request)
    }
    const disturbances: Readonly<Record<string, () => void>> = {
      kill: () => {
        for (const actor of all) world.kill(actor)
        lose()
      },
      // SIGSTOP and SIGCONT.
      pause: () => {
        for (const actor of all) world.pause(actor)
        later(() => all.forEach((actor) => world.wake(actor)))
        lose()
      },
      // Cut off from whoever counts attempts, it goes on.
      supersede: lose,
      killSlot: () => {
        world.kill(slot().actor)
        world.after(attempt.coordinator, dice.next() * 20, () => attempt.fail(new TargetFailed('a slot was lost')))
      },
      pauseSlot: () => {
        const { actor } = slot()
        world.pause(actor)
        later(() => world.wake(actor))
        if (dice.chance(0.5))
          world.after(attempt.coordinator, dice.next() * 20, () => attempt.fail(new TargetFailed('a slot is silent')))
      },
      pauseCoordinator: () => {
        world.pause(attempt.coordinator)
        later(() => world.wake(attempt.coordinator))
      },
      savepoint: () => attempt.request('savepoint'),
      suspend: ask('suspend'),
      stop: ask('stop'),
      drain: ask('drain'),
    }
    const likely = ['kill', 'kill', 'pause', 'pause', 'supersede', 'killSlot', 'pauseSlot', 'pauseCoordinator']
    const asked = ['savepoint', 'savepoint', 'suspend', 'stop', 'drain']
    for (let left = dice.between(0, 3); left > 0; left -= 1) {
      const what = dice.pick(dice.chance(0.65) ? likely : asked)
      // Much is settled with targets while an attempt begins.
      world.after(director, dice.chance(0.25) ? dice.next() * 50 : dice.span(1, 1_500), () => {
        this.#count(what)
        world.current = attempt.coordinator
        disturbances[what]()
      })
    }
  }

  #assertExpected({ hasLostBarrier }: SimAttempt, end: SimEnd): void {
    if (end.kind !== 'failed' || isExpected(end.thrown, [Fenced, TargetFailed, Violation])) return
    if (isLightflusError(end.thrown) && end.thrown.code === 'LF_CHECKPOINT_DAMAGED') return
    if (hasLostBarrier && isLightflusError(end.thrown) && end.thrown.code === 'LF_EXCHANGE_PROTOCOL') return
    const { thrown } = end
    const cause = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    this.#world.violate(`an attempt failed as none should: ${cause}`)
  }

  async #onFailed(thrown: unknown): Promise<void> {
    if (!isLightflusError(thrown) || thrown.code !== 'LF_CHECKPOINT_DAMAGED') return
    if (!(await this.#place.mend())) throw new Violation(`nothing was damaged, and yet: ${thrown.message}`)
  }

  /** Of a job that was drained, what it had read until then is all that there is. */
  #expected(): string[] {
    const { attempt } = this.#place.newest!.state.checkpoints.at(-1)!
    const read = this.#isDraining ? this.#read.get(attempt)! : undefined
    const input = Object.fromEntries(
      Object.entries(this.#input).map(([source, partitions]): [string, Item[]] => [
        source,
        Object.entries(partitions).flatMap(([name, items]) => items.slice(0, read ? (read.get(name) ?? 0) : undefined)),
      ]),
    )
    return asLines(this.#job.expected(input))
  }

  #compare(expected: readonly string[]): void {
    const left = Map.groupBy(asLines(this.#target.visible), (line) => line)
    const lost: string[] = []
    for (const line of expected) if (left.get(line)?.pop() === undefined) lost.push(line)
    const added = [...left.values()].flat()
    if (lost.length + added.length === 0) return
    const few = (lines: readonly string[]): string => lines.slice(0, 3).join(' ')
    throw new Violation(
      `of ${expected.length} rows ${lost.length} are lost (${few(lost)}), and ${added.length} too many (${few(added)})`,
    )
  }

  #count(what: string): void {
    this.#world.trace(what)
    this.#met[what] = (this.#met[what] ?? 0) + 1
  }
}

function asLines(rows: Readonly<Record<string, readonly unknown[]>>): string[] {
  return Object.entries(rows).flatMap(([sink, values]) => values.map((value) => `${sink}:${JSON.stringify(value)}`))
}
