/**
 * Numbers evenly spread in [0, 1) that depend only on seed and index, so that a record can be made again without those
 * before it. Splitmix32 from a mix of both; not for secrets.
 */
export function randomOf(seed: number, index: number): () => number {
  let state = mix(mix(mix(seed) ^ (index >>> 0)) ^ Math.floor(index / 0x1_0000_0000))
  return () => {
    state = (state + 0x9e37_79b9) | 0
    return (mix(state) >>> 0) / 0x1_0000_0000
  }
}

function mix(value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
  return mixed ^ (mixed >>> 15)
}
