import type { Key } from '@lightflus/api'

/**
 * How many panes a window has had of which late records have made some, by the window's end and key. Of other windows it
 * need not be known: there is one pane where the key had records on time, and none where it had not.
 */
export class CorrectedPanes {
  readonly #panes = new Map<number, Map<Key, number>>()

  get(windowEnd: number, key: Key): number | undefined {
    return this.#panes.get(windowEnd)?.get(key)
  }

  set(windowEnd: number, key: Key, panes: number): void {
    let byKey = this.#panes.get(windowEnd)
    if (byKey === undefined) this.#panes.set(windowEnd, (byKey = new Map()))
    byKey.set(key, panes)
  }

  /** @param lastEnd windows that end by then take no records any more. */
  forget(lastEnd: number): void {
    for (const end of this.#panes.keys()) if (end <= lastEnd) this.#panes.delete(end)
  }

  *entries(): Generator<readonly [windowEnd: number, key: Key, panes: number]> {
    for (const [end, byKey] of this.#panes) for (const [key, panes] of byKey) yield [end, key, panes]
  }
}
