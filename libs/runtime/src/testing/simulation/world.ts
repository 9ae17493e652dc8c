import { Dice } from './random.ts'
import { turn } from './sealed-process.ts'

/** A thread, or a request that is on its way: what can be stopped by itself. */
export class Actor {
  state: 'running' | 'paused' | 'dead' = 'running'
  /** What would have happened to it while it was paused, in order. */
  readonly held: Task[] = []
}

interface Task {
  at: number
  order: number
  readonly actor: Actor
  /** Whose code it runs. */
  readonly owner: Actor
  readonly run: () => void
  isOff: boolean
}

/** More than any simulation takes; whatever reaches it goes round in circles. */
const stepsMax = 200_000

/** Told by the simulation of what must never be. */
export class Violation extends Error {}

/** Virtual time, and all that is going to happen in it: one step after the other, in an order that the seed decides. */
export class World {
  readonly dice: Dice
  readonly #queue: Task[] = []
  #order = 0
  #now = 1_000_000
  #steps = 0
  #violation: Violation | undefined
  /** Carries requests that nothing stops. */
  readonly wire = new Actor()
  /** Whoever does all that nobody else does. */
  readonly director = new Actor()
  /** Whose code runs now, with all that waits for nothing else. */
  current = this.director

  readonly #onTrace: ((line: string) => void) | undefined

  constructor(seed: number, onTrace?: (line: string) => void) {
    this.dice = new Dice(seed)
    this.#onTrace = onTrace
  }

  trace(what: string): void {
    this.#onTrace?.(`${this.#now.toFixed(1)} ${what}`)
  }

  readonly now = (): number => this.#now

  get steps(): number {
    return this.#steps
  }

  after(actor: Actor, ms: number, run: () => void, owner = actor): () => void {
    const task = { at: this.#now + ms, order: this.#order++, actor, owner, run, isOff: false }
    this.#push(task)
    return () => {
      task.isOff = true
    }
  }

  /** As far as the actor still runs then. */
  wait(actor: Actor, ms: number): Promise<void> {
    return new Promise((resolve) => this.after(actor, ms, resolve))
  }

  /** A request is under way for so long; now and then it arrives although its sender has been stopped meanwhile. */
  travel(actor: Actor, ms: number): Promise<void> {
    const carrier = this.dice.chance(0.3) ? this.wire : actor
    return new Promise((resolve) => this.after(carrier, ms, resolve, actor))
  }

  pause(actor: Actor): void {
    if (actor.state === 'running') actor.state = 'paused'
  }

  wake(actor: Actor): void {
    if (actor.state !== 'paused') return
    actor.state = 'running'
    for (const task of actor.held.splice(0)) this.#push(Object.assign(task, { at: this.#now, order: this.#order++ }))
  }

  kill(actor: Actor): void {
    actor.state = 'dead'
    actor.held.length = 0
  }

  /** Lets it begin, as the actor's own code. */
  as<T>(actor: Actor, begin: () => T): T {
    const before = this.current
    this.current = actor
    try {
      return begin()
    } finally {
      this.current = before
    }
  }

  violate(message: string): void {
    this.#violation ??= new Violation(message)
  }

  /** @throws Violation when nothing can happen any more before that, or it would take for ever */
  async until<T>(done: Promise<T>): Promise<T> {
    let settled = false
    const settle = (): void => {
      settled = true
    }
    done.then(settle, settle)
    await turn()
    while (!settled) {
      if (!(await this.#step())) throw new Violation('everything waits, and nothing is going to happen')
    }
    return done
  }

  /** Until nothing is left to happen. */
  async toRest(): Promise<void> {
    while (await this.#step());
  }

  async #step(): Promise<boolean> {
    const task = this.#pop()
    if (task === undefined) return false
    if (task.isOff || task.actor.state === 'dead') return true
    if (task.actor.state === 'paused') {
      task.actor.held.push(task)
      return true
    }
    this.#now = Math.max(this.#now, task.at)
    this.#steps += 1
    if (this.#steps > stepsMax) throw new Violation('it does not come to an end')
    this.current = task.owner
    task.run()
    await turn()
    this.current = this.director
    if (this.#violation) throw this.#violation
    return true
  }

  #push(task: Task): void {
    const queue = this.#queue
    let at = queue.push(task) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(task, queue[above])) break
      queue[at] = queue[above]
      at = above
    }
    queue[at] = task
  }

  #pop(): Task | undefined {
    const queue = this.#queue
    const first = queue[0]
    const last = queue.pop()
    if (first === undefined || last === undefined || queue.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= queue.length) break
      if (below + 1 < queue.length && isBefore(queue[below + 1], queue[below])) below += 1
      if (!isBefore(queue[below], last)) break
      queue[at] = queue[below]
      at = below
    }
    queue[at] = last
    return first
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Carries messages to an actor, in their order; each takes a while. */
export class Line {
  readonly #world: World
  readonly #to: Actor
  readonly #msMax: number
  #last = 0

  constructor(world: World, to: Actor, msMax: number) {
    this.#world = world
    this.#to = to
    this.#msMax = msMax
  }

  send(arrive: () => void): void {
    const now = this.#world.now()
    this.#last = Math.max(this.#last, now + this.#world.dice.next() * this.#msMax)
    this.#world.after(this.#to, this.#last - now, arrive)
  }
}
