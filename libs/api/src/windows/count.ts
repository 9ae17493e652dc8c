import { optional, resolveOptions, whole } from '../internal/options.ts'

export interface CountWindower {
  readonly kind: 'count'
  readonly size: number
  /** Equal to size: tumbling. Less: every so many records the last `size` ones. */
  readonly slide: number
}

const recordsMax = 1_000_000_000

/**
 * Windows of so many records of a key, in the order in which they arrive: each fires when it is full, and at the end of
 * input with what it has. With `every`, a window of the last `size` records fires after every so many.
 * @param size 1 to 1,000,000,000.
 * @example countWindow(100), countWindow(100, { every: 10 })
 */
export function countWindow(
  size: number,
  options?: { /** 1 to `size`. Default: `size`. */ readonly every?: number },
): CountWindower {
  resolveOptions('countWindow', { size }, { size: whole(1, recordsMax) })
  const { every } = resolveOptions('countWindow', options, { every: optional(whole(1, size), size) })
  return { kind: 'count', size, slide: every }
}
