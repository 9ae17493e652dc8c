const poolSize = 1 << 16

/** Random numbers (mulberry32) and texts that begin anew with each event, so that none depends on the ones before. */
export class EventRandom {
  readonly #seed: number
  /** Letters that texts are cut from. Made with the first event: programs are built often, and not always run. */
  #pool: string | undefined
  #state = 0

  constructor(seed: number) {
    this.#seed = seed >>> 0
  }

  /** What is drawn from here on depends on the seed and on n alone. */
  begin(n: number): void {
    this.#pool ??= this.#letters()
    this.#seedFor(n)
  }

  #letters(): string {
    this.#seedFor(-1)
    return Array.from({ length: poolSize }, () => this.#letter()).join('')
  }

  #seedFor(n: number): void {
    const low = Math.imul((n >>> 0) ^ this.#seed, 0x9e3779b1)
    let hash = low ^ Math.imul(Math.floor(n / 2 ** 32) + 0x7f4a7c15, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    this.#state = (hash ^ (hash >>> 16)) >>> 0
  }

  /** A whole number from 0 to below the bound. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }

  of(texts: readonly string[]): string {
    return texts[this.below(texts.length)]!
  }

  /** From 100 to ten million, evenly over orders of magnitude. */
  price(): number {
    const magnitude = this.below(6)
    return Math.floor(((1e6 + this.below(9e6)) * 10 ** magnitude) / 1e4)
  }

  /** Four digits. */
  digits(): string {
    return String(1_000 + this.below(9_000))
  }

  text(length: number): string {
    const from = this.below(poolSize - length)
    return this.lettersAt(from, length)
  }

  /** Always the same ones, nothing is drawn. */
  lettersAt(from: number, length: number): string {
    this.#pool ??= this.#letters()
    return this.#pool.slice(from, from + length)
  }

  /** What brings an event of a size up to about the wanted one, give or take a fifth of what is missing. */
  filling(wanted: number, size: number): string {
    const missing = Math.max(0, wanted - size)
    const spread = Math.round(missing * 0.2)
    const length = missing - spread + (spread > 0 ? this.below(2 * spread) : 0)
    return length > 0 ? this.text(length) : ''
  }

  #letter(): string {
    const number = this.below(31)
    if (number < 26) return String.fromCharCode(97 + number)
    return number < 29 ? ' ' : 'e'
  }
}
