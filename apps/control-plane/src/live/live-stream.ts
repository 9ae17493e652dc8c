import { setTimeout as pause } from 'node:timers/promises'
import type { Writable } from 'node:stream'
import type { LiveEvent } from '@lightflus/contracts'
import type { LivePosition, LiveUpdate } from './live-reader.ts'
import { liveKinds, type LiveKind } from './notify.ts'

/** Shortest time between two updates: what changes in between is shown together. */
const updateMsMin = 200
/** A comment line every so often keeps proxies from closing a quiet stream, and finds out that nobody listens. */
const heartbeatMs = 15_000

export interface LiveStreamOptions {
  readonly read: (kinds: ReadonlySet<LiveKind>, from: LivePosition) => Promise<LiveUpdate | undefined>
  readonly output: Writable
}

/**
 * One viewer's stream: reads what changed, writes it, waits for the viewer to take it. However much changes and however
 * slow the viewer is, what waits here is a set of five words.
 */
export class LiveStream {
  readonly #options: LiveStreamOptions
  #dirty = new Set<LiveKind>(liveKinds)
  #wake: () => void = () => {}
  #ended = false

  constructor(options: LiveStreamOptions) {
    this.#options = options
  }

  changed(kinds: readonly LiveKind[]): void {
    for (const kind of kinds) this.#dirty.add(kind)
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  /** Resolves when the stream has ended: by `end`, or because the job is gone. */
  async run(): Promise<void> {
    let position: LivePosition = { log: 0n, row: 0n, event: 0n }
    while (!this.#ended) {
      const kinds = this.#dirty
      this.#dirty = new Set()
      const update = kinds.size > 0 ? await this.#options.read(kinds, position) : { events: [], position }
      if (!update) return
      position = update.position
      await this.#write(update.events.length > 0 ? update.events.map(frame).join('') : ': still here\n\n')
      await this.#untilChanged()
    }
  }

  async #write(text: string): Promise<void> {
    const { output } = this.#options
    if (this.#ended || output.write(text)) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      output.once('drain', resolve)
    })
  }

  async #untilChanged(): Promise<void> {
    if (!this.#ended) await this.#pause(updateMsMin, () => this.#ended)
    if (this.#dirty.size === 0 && !this.#ended) await this.#pause(heartbeatMs, () => true)
  }

  /** Waits for so long, or until something woke it that counts. */
  async #pause(ms: number, counts: () => boolean): Promise<void> {
    const waiting = new AbortController()
    this.#wake = () => counts() && waiting.abort()
    await pause(ms, undefined, { signal: waiting.signal }).catch(() => undefined)
    this.#wake = () => {}
  }
}

function frame(event: LiveEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
