import type { LightflusError } from '@lightflus/api'
import type { Assignment, PartReport } from '@lightflus/contracts'
import type { DeploymentOptions, PeerHandle, Placement } from '@lightflus/runtime'
import { bundleFile } from './bundle-cache.ts'
import { deploymentOptionsOf } from './deployment-options.ts'
import { startError, type Hosted, type HostingOptions } from './hosting.ts'

export type Join = (options: DeploymentOptions & { readonly placement: Placement }) => PeerHandle

export interface PartPauses {
  /** Before a part is tried again that could not be taken; doubles with each failure in a row. Milliseconds. */
  readonly retryMs: number
  readonly retryMsMax: number
  /**
   * Before a part is taken again whose deployment came to an end, milliseconds. If the coordinator's worker only moves, it
   * goes on soon; until it has deleted the exchange's topics whoever joins is told of the end again.
   */
  readonly endMs: number
}

const pausesDefault: PartPauses = { retryMs: 1_000, retryMsMax: 30_000, endMs: 1_000 }

/**
 * This worker's part of a deployment whose coordinator is on another. The coordinator is told by the data plane what
 * becomes of the slots here, and reports it; the control plane learns from here only why there is no part.
 */
export class HostedPart implements Hosted {
  readonly #options: HostingOptions
  readonly #join: Join
  readonly #pauses: PartPauses
  #assignment: Assignment
  #handle: PeerHandle | undefined
  #joining = false
  #leaving = false
  /** Generation of the spec in which it took part until the deployment came to an end. */
  #endedIn: number | undefined
  #error: LightflusError | undefined
  #failures = 0
  #notBefore = 0

  constructor(assignment: Assignment, options: HostingOptions, join: Join, pauses = pausesDefault) {
    this.#assignment = assignment
    this.#options = options
    this.#join = join
    this.#pauses = pauses
  }

  get over(): boolean {
    return !this.#joining && this.#handle === undefined
  }

  reconcile(assignment: Assignment): void {
    if (assignment.generation < this.#assignment.generation) return
    this.#assignment = assignment
    if (!this.over || this.#leaving) return
    // After an end that was asked for there is nothing to take part in, until it is asked to run again: then at once.
    if (this.#endedIn !== undefined && assignment.desired !== 'running') return
    const isResumed = this.#endedIn !== undefined && assignment.generation > this.#endedIn
    if (isResumed || Date.now() >= this.#notBefore) void this.#start()
  }

  async leave(): Promise<void> {
    this.#leaving = true
    await this.#handle?.leave()
  }

  cancel(): Promise<void> {
    return this.leave()
  }

  reports(): [] {
    return []
  }

  parts(): PartReport[] {
    return [{ deploymentId: this.#assignment.deploymentId, error: this.#error?.toJSON() ?? null }]
  }

  acknowledge(): void {}

  delivered(): void {}

  async #start(): Promise<void> {
    const assignment = this.#assignment
    const { folder, controlPlane, slotNodeOptions } = this.#options
    this.#joining = true
    this.#endedIn = undefined
    try {
      const bundlePath = await bundleFile(folder, assignment, controlPlane)
      if (!this.#leaving) this.#run(assignment, deploymentOptionsOf(assignment, bundlePath, slotNodeOptions))
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#joining = false
    }
  }

  #run({ deploymentId, placement }: Assignment, options: DeploymentOptions): void {
    if (!placement) throw new Error('a part of a deployment has a placement')
    const handle = this.#join({
      ...options,
      placement,
      // The coordinator tells what concerns the job; this is about the way to it.
      onLog: ({ level, message }) => this.#options.log(level, message, { deployment: deploymentId }),
    })
    this.#handle = handle
    this.#error = undefined
    const begun = Date.now()
    handle.done
      .then(
        () => {
          this.#endedIn = this.#assignment.generation
          this.#failures = 0
          this.#notBefore = Date.now() + this.#pauses.endMs
        },
        (error: unknown) => {
          // Of one that ran for long, the failures before it count no more.
          if (Date.now() - begun > this.#pauses.retryMsMax) this.#failures = 0
          this.#fail(error)
        },
      )
      .finally(() => (this.#handle = undefined))
  }

  #fail(error: unknown): void {
    this.#error = startError(error, this.#assignment)
    const { retryMs, retryMsMax } = this.#pauses
    this.#notBefore = Date.now() + Math.min(retryMs * 2 ** this.#failures, retryMsMax)
    this.#failures = Math.min(this.#failures + 1, 10)
    this.#options.onNews()
  }
}
