import type { Aggregate } from '../definition.ts'
import { optional, resolveOptions, whole } from '../internal/options.ts'
import { hash, hashValue } from './hash.ts'
import { lookingAt } from './looking-at.ts'
import { countable, type Countable } from './values.ts'

export interface ApproxDistinctCountOptions {
  /**
   * From 4 to 16, default 12. The standard error is 1.04 / √(2^precision), and the state has 2^precision bytes at most:
   * 1.6 % in 4 KiB at 12, 0.8 % in 16 KiB at 14. Raise it where that error matters more than memory.
   */
  readonly precision?: number
}

/**
 * HyperLogLog. While there are few values they are a sorted list, one number each, which makes small counts all but exact;
 * when the list would need more room than the registers, these take over.
 */
interface Sketch {
  few: number[] | null
  registers: Uint8Array | null
}

/** Bits of the hash that tell a listed value's place; the rank is that of the other 39. */
const listedBits = 25
/** Ranks are 40 at most, so they fit below. */
const rankRange = 64

/**
 * About how many different values the records have, in bounded memory.
 * @example approxDistinctCount((visit) => visit.user)
 */
export function approxDistinctCount<T>(
  of: (value: T) => Countable,
  options?: ApproxDistinctCountOptions,
): Aggregate<T, Sketch, number> {
  const { precision } = resolveOptions('approxDistinctCount', options, { precision: optional(whole(4, 16), 12) })
  const fewMax = 2 ** precision / 8
  const put = (sketch: Sketch, item: number): void => {
    if (sketch.registers !== null) return raise(sketch.registers, item, precision)
    addListed(sketch.few!, item)
    if (sketch.few!.length <= fewMax) return
    sketch.registers = new Uint8Array(2 ** precision)
    for (const listed of sketch.few!) raise(sketch.registers, listed, precision)
    sketch.few = null
  }
  return lookingAt([of], {
    form: `approximate distinct ${precision}`,
    create: () => ({ few: [], registers: null }),
    add(sketch, value) {
      hashValue(countable(of(value)))
      put(sketch, (hash.high >>> (32 - listedBits)) * rankRange + rankBehind(hash.high, hash.low))
      return sketch
    },
    merge(a, b) {
      if (b.few !== null) for (const item of b.few) put(a, item)
      else if (a.registers !== null) raiseAll(a.registers, b.registers!)
      else {
        const { few } = a
        a.registers = b.registers!.slice()
        a.few = null
        for (const item of few!) raise(a.registers, item, precision)
      }
      return a
    },
    result: ({ few, registers }) =>
      Math.round(few === null ? estimate(registers!, precision) : countListed(few.length)),
  })
}

/** Place of the first one among the bits behind those of the list's place, from 1. */
function rankBehind(high: number, low: number): number {
  const highRest = high << listedBits
  if (highRest !== 0) return Math.clz32(highRest) + 1
  return 32 - listedBits + Math.clz32(low) + 1
}

/** Of values that fall on one place only the greatest rank is kept, as in a register. */
function addListed(items: number[], item: number): void {
  let low = 0
  let end = items.length
  while (low < end) {
    const middle = (low + end) >>> 1
    if (items[middle]! < item) low = middle + 1
    else end = middle
  }
  const place = Math.floor(item / rankRange)
  if (low < items.length && Math.floor(items[low]! / rankRange) === place) return
  if (low > 0 && Math.floor(items[low - 1]! / rankRange) === place) items[low - 1] = item
  else items.splice(low, 0, item)
}

/** Puts a listed value into its register: the bits of its place that the register's index does not need come before the rank. */
function raise(registers: Uint8Array, item: number, precision: number): void {
  const place = Math.floor(item / rankRange)
  const spare = listedBits - precision
  const rest = place & (2 ** spare - 1)
  const rank = rest === 0 ? spare + (item % rankRange) : Math.clz32(rest) - (32 - spare) + 1
  const index = place >>> spare
  if (registers[index]! < rank) registers[index] = rank
}

function raiseAll(registers: Uint8Array, others: Uint8Array): void {
  for (let i = 0; i < registers.length; i++) if (registers[i]! < others[i]!) registers[i] = others[i]!
}

/** Linear counting: how many values it takes to fill so many of all places. */
function countListed(places: number): number {
  return -(2 ** listedBits) * Math.log1p(-places / 2 ** listedBits)
}

/** Ertl's estimator (2017) of all registers' ranks: without bias from one value to 2^64, and without tables. */
function estimate(registers: Uint8Array, precision: number): number {
  const rankMax = 64 - precision + 1
  const counts = new Float64Array(rankMax + 1)
  for (const rank of registers) counts[rank]!++
  const size = registers.length
  let sum = size * tau(1 - counts[rankMax]! / size)
  for (let rank = rankMax - 1; rank >= 1; rank--) sum = (sum + counts[rank]!) / 2
  sum += size * sigma(counts[0]! / size)
  return (size / (2 * Math.LN2)) * (size / sum)
}

/** What registers without any value are worth. */
function sigma(share: number): number {
  if (share === 1) return Infinity
  let sum = share
  for (let power = share, weight = 1, before = NaN; sum !== before; weight *= 2) {
    power *= power
    before = sum
    sum += power * weight
  }
  return sum
}

/** What registers at their highest rank are worth. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let sum = 1 - share
  for (let root = share, weight = 0.5, before = NaN; sum !== before; weight /= 2) {
    root = Math.sqrt(root)
    before = sum
    sum -= (1 - root) ** 2 * weight
  }
  return sum / 3
}
