import { isLightflusError } from '@lightflus/api'
import { JobHolder } from '@lightflus/storage'
import type { FreshWish } from './fresh-wish.ts'
import { SimAttempt, type SimAttemptOptions, type SimEnd, type SimRequest } from './sim-attempt.ts'
import type { SimCluster } from './sim-cluster.ts'
import { Actor } from './world.ts'

/** Attempts that a process makes before it gives up. */
const attemptsMax = 4

export interface SimProcessOptions extends Omit<
  SimAttemptOptions,
  'main' | 'holder' | 'coordinator' | 'request' | 'onClaimed'
> {
  readonly cluster: SimCluster
  readonly number: number
  readonly wish: FreshWish | undefined
  readonly onClaimed: (process: number, attempt: number) => void
}

/** Does what start-deployment.ts does, in simulated time: the process of worker 0, which makes attempt after attempt. */
export class SimProcess {
  readonly main = new Actor()
  readonly number: number
  attempt: SimAttempt
  readonly #options: SimProcessOptions
  readonly #holder: JobHolder
  #claimed = 0
  #request: SimRequest | undefined

  constructor(options: SimProcessOptions, request: SimRequest | undefined) {
    this.#options = options
    this.#request = request
    this.number = options.number
    this.#holder = new JobHolder(`process-${this.number}`)
    this.attempt = this.#next()
  }

  get cluster(): SimCluster {
    return this.#options.cluster
  }

  get actors(): readonly Actor[] {
    return [this.main, ...this.attempt.slots.map(({ actor }) => actor)]
  }

  request(request: SimRequest | 'savepoint'): void {
    if (request !== 'savepoint') this.#request = request
    this.attempt.request(request)
  }

  async run(): Promise<SimEnd> {
    const { cluster } = this.#options
    const { world } = cluster.options
    for (let made = 1; ; made += 1) {
      const end = await this.attempt.run()
      world.trace(`process ${this.number} ${end.kind}: ${end.kind === 'ended' ? end.ending : String(end.thrown)}`)
      if (end.kind === 'ended') return end
      if (!end.isAsserted) cluster.assertExpected(end.thrown)
      if (made === attemptsMax || (isLightflusError(end.thrown) && !end.thrown.retry)) return end
      await world.wait(this.main, world.dice.span(1, 100))
      this.attempt = this.#next()
    }
  }

  #next(): SimAttempt {
    const { cluster, number } = this.#options
    const { mutation } = cluster.options
    return new SimAttempt({
      ...this.#options,
      main: this.main,
      holder: mutation === 'claimed-back' ? new JobHolder(this.#holder.id) : this.#holder,
      coordinator: { process: number, after: mutation === 'workers-taken-back' ? 0 : this.#claimed },
      request: this.#request,
      onClaimed: (attempt) => {
        this.#claimed = attempt
        this.#options.onClaimed(number, attempt)
      },
    })
  }
}
