import type { CommitOutput, CommitTarget } from '../staging/commit-target.ts'
import { markerFenced, markerLost } from '../staging/commit-errors.ts'
import { textListsIn } from '../staging/text-lists.ts'

/** What outlives the writers: markers, and the texts that were written. */
export class SharedTarget {
  readonly markers = new Map<number, { readonly attempt: number; readonly checkpoint: number }>()
  readonly texts: string[] = []
}

/** A target in memory, as one attempt sees it. */
export class MemoryTarget implements CommitTarget {
  readonly #shared: SharedTarget
  readonly #attempt: number
  /** Asked at each call: whether its process dies there, before it has worked or after, or sleeps first. */
  readonly #death: () => 'before' | 'after' | Promise<void> | undefined

  constructor(
    shared: SharedTarget,
    attempt: number,
    death: () => 'before' | 'after' | Promise<void> | undefined = () => undefined,
  ) {
    this.#shared = shared
    this.#attempt = attempt
    this.#death = death
  }

  async claim(subtasks: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return this.#call(() => {
      const found = new Map<number, number>()
      for (const subtask of subtasks) {
        const marker = this.#shared.markers.get(subtask) ?? { attempt: 0, checkpoint: 0 }
        if (marker.attempt > this.#attempt) throw markerFenced('sink', this.#attempt, marker.attempt)
        this.#shared.markers.set(subtask, { ...marker, attempt: this.#attempt })
        found.set(subtask, marker.checkpoint)
      }
      return found
    })
  }

  async write({ subtask, from, to, segments }: CommitOutput): Promise<void> {
    await this.#call(() => {
      const marker = this.#shared.markers.get(subtask)
      if (marker && marker.attempt > this.#attempt) throw markerFenced('sink', this.#attempt, marker.attempt)
      if (marker?.checkpoint === to) return
      if (marker?.checkpoint !== from)
        throw markerLost('sink', { subtask, found: marker?.checkpoint ?? 0, expected: from })
      this.#shared.markers.set(subtask, { attempt: this.#attempt, checkpoint: to })
      for (const { bytes } of segments) for (const [text] of textListsIn(bytes)) this.#shared.texts.push(text!)
    })
  }

  /** Each call takes a turn, before and after. */
  async #call<T>(work: () => T): Promise<T> {
    await Promise.resolve()
    const death = this.#death()
    if (typeof death === 'object') await death
    if (death === 'before') throw new Error('died')
    const result = work()
    if (death === 'after') throw new Error('died')
    await Promise.resolve()
    return result
  }
}
