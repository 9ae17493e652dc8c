/** The token under which the control plane's clock is injected. */
export const CLOCK = Symbol('Clock')

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
