import type { Host } from '../../subtask/ports.ts'

/** The longest that hosts' timers can wait. */
const timerMsMax = 2 ** 31 - 1

/** Resolves after so many milliseconds, or some weeks if that is less. Rejects when the signal is aborted. */
export async function pause(host: Host, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const abort = () => reject(signal.reason as Error)
  const callOff = host.after(Math.min(ms, timerMsMax), resolve)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await promise
  } finally {
    callOff()
    signal.removeEventListener('abort', abort)
  }
}
