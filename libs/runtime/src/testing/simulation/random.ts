/** Numbers in [0, 1) that depend on the seed alone (Steele, Lea and Flood 2014: SplitMix, in 32 bits). */
export function seeded(seed: number): () => number {
  let state = Math.imul(seed, 0x85ebca6b) ^ Math.floor(seed / 2 ** 32)
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** What a simulation draws, from one sequence. */
export class Dice {
  readonly next: () => number

  constructor(seed: number) {
    this.next = seeded(seed)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)]
  }

  /** Small ones as likely as large ones: uniform in the logarithm. */
  span(least: number, most: number): number {
    return least * (most / least) ** this.next()
  }
}
