import type { Host } from './ports.ts'

/** What a subtask that has nothing to do waits for. Raised while nobody waits, it ends the next wait at once. */
export class WakeSignal {
  #raised = false
  #resolve: (() => void) | undefined

  readonly raise = (): void => {
    this.#raised = true
    this.#resolve?.()
  }

  /** Resolves when raised, and after `ms` if given. */
  async wait(host: Host, ms?: number): Promise<void> {
    if (!this.#raised) {
      let callOff: (() => void) | undefined
      await new Promise<void>((resolve) => {
        this.#resolve = resolve
        if (ms !== undefined) callOff = host.after(ms, resolve)
      })
      this.#resolve = undefined
      callOff?.()
    }
    this.#raised = false
  }
}
