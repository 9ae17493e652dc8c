import crypto, { createHash } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import zlib from 'node:zlib'

/**
 * Takes from this process all that no seed decides, so import it before anything else: clock, randomness, timers, and
 * work in other threads, which ends when it likes. So the code under simulation needs no seam, and what was forgotten
 * throws. What is left to wait by is `turn`.
 */

/** Where clock, timers and randomness come from while a simulation runs. */
export interface Surroundings {
  readonly now: () => number
  readonly random: () => number
  readonly after: (ms: number, callback: () => void) => () => void
}

let surroundings: Surroundings | undefined
const inside = (): Surroundings => {
  if (surroundings) return surroundings
  throw new Error('A clock, a timer or randomness was used outside of a simulation.')
}

/** From now on the process lives there. */
export function enter(next: Surroundings | undefined): void {
  surroundings = next
}

const { setImmediate } = globalThis
const { now } = Date

/** Lets all go on that waits for nothing but its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The clock on the wall, for whoever runs simulations. */
export const wallClock = (): number => now()

class SimulatedTimer {
  readonly cancel: () => void
  constructor(cancel: () => void) {
    this.cancel = cancel
  }
}

Date.now = () => Math.floor(inside().now())
Math.random = () => inside().random()
globalThis.setTimeout = ((callback: () => void, ms = 0) =>
  new SimulatedTimer(inside().after(ms, callback))) as unknown as typeof setTimeout
globalThis.clearTimeout = ((timer?: SimulatedTimer) => timer?.cancel()) as unknown as typeof clearTimeout
globalThis.setInterval = ((callback: () => void, ms = 0) => {
  let cancel = (): void => undefined
  const tick = (): void => {
    cancel = inside().after(ms, () => {
      tick()
      callback()
    })
  }
  tick()
  return new SimulatedTimer(() => cancel())
}) as unknown as typeof setInterval
globalThis.clearInterval = globalThis.clearTimeout as typeof clearInterval

Object.assign(crypto, {
  randomUUID: () => `${inside().random()}`.slice(2),
  randomBytes: (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(inside().random() * 256))),
})
Object.defineProperty(globalThis.crypto.subtle, 'digest', {
  value: async (_: string, data: Uint8Array) => createHash('sha256').update(data).digest(),
})
type Done = (error: null, bytes: Uint8Array) => void
// Files are not compressed, which would be most of the time.
Object.assign(zlib, {
  zstdCompress: (bytes: Uint8Array, _: object, done: Done) => done(null, bytes),
  zstdDecompress: (bytes: Uint8Array, done: Done) => done(null, bytes),
})
syncBuiltinESMExports()
