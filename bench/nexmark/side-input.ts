export interface Side {
  readonly key: number
  readonly value: string
}

/** The small table that bids are looked up in: q13's. */
export const sides: readonly Side[] = Array.from({ length: 10_000 }, (_, key) => ({ key, value: `side-${key}` }))
