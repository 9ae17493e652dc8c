import type { RequestMark } from './segment.ts'

/** Requests with a key that an endpoint knows again: the newest so many. */
export const requestsKnownMax = 10_000

/** The requests that were accepted lately, by their keys. */
export class RequestWindow {
  readonly #bodies = new Map<string, string>()

  add([key, body]: RequestMark): void {
    this.#bodies.delete(key)
    this.#bodies.set(key, body)
    if (this.#bodies.size > requestsKnownMax) this.#bodies.delete(this.#bodies.keys().next().value!)
  }

  /** Whether the request was accepted before, or another one under its key. */
  judge([key, body]: RequestMark): 'new' | 'accepted' | 'other' {
    const known = this.#bodies.get(key)
    if (known === undefined) return 'new'
    return known === body ? 'accepted' : 'other'
  }

  /** Oldest first. */
  marks(): RequestMark[] {
    return [...this.#bodies]
  }
}
