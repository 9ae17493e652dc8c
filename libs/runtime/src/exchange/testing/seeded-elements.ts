import type { StreamElement } from '@lightflus/engine'

/** A number from 0 to below the bound, always the same for a seed and a place. */
export function numberAt(seed: number, place: number, bound: number): number {
  let hash = Math.imul(seed ^ Math.imul(place + 1, 0x9e3779b1), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % bound
}

/** The nth element of an edge: short ones, ones that no small ring holds at once, some that only a structured clone copies. */
export function elementAt(seed: number, edge: number, index: number): StreamElement {
  const place = edge * 1_000_003 + index * 16
  const kind = numberAt(seed, place, 8)
  if (kind === 0) return { kind: 'watermark', timestamp: index, idle: numberAt(seed, place + 1, 2) === 1 }
  if (kind === 1) return { kind: 'barrier', checkpoint: index, attempt: edge, final: false }
  const count = 1 + numberAt(seed, place + 1, 12)
  const length = numberAt(seed, place + 2, 10) === 0 ? 3_000 : numberAt(seed, place + 3, 20)
  const strange = numberAt(seed, place + 4, 20) === 0
  return {
    kind: 'batch',
    batch: {
      values: Array.from({ length: count }, (_, i) => ({
        index,
        text: `${i}`.padEnd(length, 'x'),
        odd: strange ? new Map([[i, index]]) : i / 2,
        list: Array.from({ length: i % 3 }, () => ({ edge })),
      })),
      timestamps: Array.from({ length: count }, (_, i) => index + i),
      keys: Array.from({ length: count }, (_, i) => `key-${i % 3}`),
    },
  }
}
