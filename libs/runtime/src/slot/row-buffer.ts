import type { PublishedRow } from '@lightflus/engine'

/** Rows kept of each sink until they are sent on; older ones make room for newer. */
export const rowsBufferedMax = 500

/** The newest rows of each table sink of a slot. Of rows with one key only the newest counts. */
export class RowBuffer {
  readonly #sinks = new Map<string, Map<string | symbol, PublishedRow>>()

  add(sink: string, rows: readonly PublishedRow[]): void {
    const buffered = this.#sinks.get(sink) ?? new Map<string | symbol, PublishedRow>()
    this.#sinks.set(sink, buffered)
    for (const row of rows.slice(-rowsBufferedMax)) {
      const identity = row.key ?? Symbol()
      buffered.delete(identity)
      buffered.set(identity, row)
    }
    for (const identity of buffered.keys()) {
      if (buffered.size <= rowsBufferedMax) break
      buffered.delete(identity)
    }
  }

  /** All rows added since the last call, by sink, oldest first. */
  take(): { readonly sink: string; readonly rows: PublishedRow[] }[] {
    const taken = Array.from(this.#sinks, ([sink, buffered]) => ({ sink, rows: [...buffered.values()] }))
    this.#sinks.clear()
    return taken
  }
}
