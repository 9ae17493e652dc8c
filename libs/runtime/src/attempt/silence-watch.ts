/** How often the count in shared memory is looked at, milliseconds. */
const lookMs = 500

/**
 * Finds a thread whose heartbeat stands still. Time counts only as far as this thread's own timer ran: when the whole
 * process stood still (a laptop asleep, a machine overloaded) its threads are not to blame.
 * @param onSilent called once
 * @returns how to end the watch
 */
export function watchSilence(memory: SharedArrayBuffer, silenceMsMax: number, onSilent: () => void): () => void {
  const count = new Int32Array(memory)
  let seen = Atomics.load(count, 0)
  let silentMs = 0
  const timer = setInterval(() => {
    const now = Atomics.load(count, 0)
    silentMs = now === seen ? silentMs + lookMs : 0
    seen = now
    if (silentMs < silenceMsMax) return
    clearInterval(timer)
    onSilent()
  }, lookMs)
  return () => clearInterval(timer)
}
