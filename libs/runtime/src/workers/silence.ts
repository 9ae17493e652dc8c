import { beatMs } from './control-messages.ts'

/**
 * Finds who is not heard of any more. Time counts only as far as this process's own timer ran, and what came meanwhile is
 * heard first: a process that was stopped itself must not take all others for lost.
 */
export class Silence {
  readonly #msMax: number
  readonly #onSilent: () => void
  readonly #timer: NodeJS.Timeout
  #silentMs = 0

  constructor(msMax: number, onSilent: () => void) {
    this.#msMax = msMax
    this.#onSilent = onSilent
    this.#timer = setInterval(() => this.#tick(), beatMs)
  }

  heard(): void {
    this.#silentMs = 0
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    this.#silentMs += beatMs
    if (this.#silentMs < this.#msMax) return
    this.close()
    this.#onSilent()
  }
}
