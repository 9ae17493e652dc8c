import { setImmediate } from 'node:timers/promises'
import type { Host, TextReader } from '@lightflus/engine'
import type { Heartbeat } from './heartbeat.ts'

/**
 * How long a subtask that reads an exchange may go on before the thread's others have their turn, milliseconds. Every
 * sender of its slot and of all others may bring it a batch in each turn of the thread's loop; were it to take one a
 * turn, its queues would always be full, and barriers would wait behind them.
 */
const turnMs = 10
const atOnce = Promise.resolve()

export interface Hosts {
  /** For subtasks that read a source: each batch is a turn. */
  readonly reading: Required<Host>
  /** For subtasks that read an exchange: they empty their queues first. */
  readonly receiving: Required<Host>
}

/** Buffer's own readers, which `toString` calls: no library of types has them. */
interface TextBuffer {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
}

/** In half the time that TextDecoder takes for a text of a few words. */
function readTexts({ buffer, byteOffset, byteLength }: Uint8Array): TextReader {
  const bytes = Buffer.from(buffer, byteOffset, byteLength) as unknown as TextBuffer
  return (start, end, isAscii) => (isAscii ? bytes.latin1Slice(start, end) : bytes.utf8Slice(start, end))
}

/** What the engine needs of this thread. Globals are taken now, so that a program that replaces them does so alone. */
export function createHosts(heartbeat: Heartbeat): Hosts {
  const { now } = Date
  const { clearTimeout, performance, setTimeout } = globalThis
  const yieldTurn = (): Promise<void> => {
    heartbeat.beat()
    return setImmediate()
  }
  let turnBegan = 0
  const yieldWhenDue = async (): Promise<void> => {
    await yieldTurn()
    turnBegan = performance.now()
  }
  const shared = {
    clock: { now },
    elapsed: () => performance.now(),
    after(ms: number, callback: () => void) {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
    readTexts,
  }
  return {
    reading: { ...shared, yieldToHost: yieldTurn },
    receiving: { ...shared, yieldToHost: () => (performance.now() - turnBegan < turnMs ? atOnce : yieldWhenDue()) },
  }
}
