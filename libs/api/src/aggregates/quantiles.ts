import type { RetractableAggregate } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { fitting, optional, resolveOptions } from '../internal/options.ts'
import { lookingAt } from './looking-at.ts'
import { finite, neverAdded } from './values.ts'

export interface QuantilesOptions {
  /** Greatest relative error of every result, from 0.0001 to 0.5. Default 0.01: a true 200 comes out as 198 to 202. */
  readonly accuracy?: number
}

/**
 * DDSketch: how many numbers fall into each bin, whose bounds grow by a constant factor. Bins are made as numbers need them:
 * about 350 for three powers of ten at 1 %.
 */
interface Sketch {
  zeros: number
  readonly positive: Map<number, number>
  readonly negative: Map<number, number>
}

/** Names, or nothing but an order, of the quantiles that are asked for. */
type Asked = Readonly<Record<string, number>> | readonly number[]
type Results<Q extends Asked> = { readonly [Name in keyof Q]: number }

/**
 * Quantiles of a number of each record, each within a relative error of 1 % (or {@link QuantilesOptions.accuracy}): the
 * result has the names that they are given, or is an array where they are one.
 * @example quantiles((request) => request.ms, { p50: 0.5, p99: 0.99 })
 */
export function quantiles<T, const Q extends Asked>(
  of: (value: T) => number,
  asked: Q,
  options?: QuantilesOptions,
): RetractableAggregate<T, Sketch, Results<Q>> {
  requireShares(asked)
  const result = (numbers: Ranked) => {
    const found = (share: number) => quantileOf(numbers, share)
    const named = Array.isArray(asked)
      ? asked.map(found)
      : Object.fromEntries(Object.entries(asked).map(([name, share]) => [name, found(share as number)]))
    return named as Results<Q>
  }
  return sketchAggregate('quantiles', of, options, result)
}

/** The middle number of all records, within a relative error of 1 %: see {@link quantiles}. @example median((trip) => trip.minutes) */
export function median<T>(
  of: (value: T) => number,
  options?: QuantilesOptions,
): RetractableAggregate<T, Sketch, number> {
  return sketchAggregate('median', of, options, (numbers) => quantileOf(numbers, 0.5))
}

function requireShares(asked: Asked): void {
  const shares: readonly unknown[] = Object.values(asked)
  if (shares.length > 0 && shares.every((share) => typeof share === 'number' && share >= 0 && share <= 1)) return
  throw new LightflusError(
    'LF_PROGRAM_OPTION',
    'quantiles: takes numbers from 0 to 1, such as { p99: 0.99 } or [0.5, 0.9].',
  )
}

const isAccuracy = (value: unknown): value is number => typeof value === 'number' && value >= 0.0001 && value <= 0.5

function sketchAggregate<T, R>(
  owner: string,
  of: (value: T) => number,
  options: QuantilesOptions | undefined,
  result: (numbers: Ranked) => R,
): RetractableAggregate<T, Sketch, R> {
  const { accuracy } = resolveOptions(owner, options, {
    accuracy: optional(fitting(isAccuracy, 'a number from 0.0001 to 0.5'), 0.01),
  })
  const factor = (1 + accuracy) / (1 - accuracy)
  const logFactor = Math.log(factor)
  const put = (sketch: Sketch, number: number, times: number): Sketch => {
    if (number === 0) sketch.zeros = counted(sketch.zeros + times)
    else {
      const bins = number > 0 ? sketch.positive : sketch.negative
      addToBin(bins, Math.ceil(Math.log(Math.abs(number)) / logFactor), times)
    }
    return sketch
  }
  return lookingAt([of], {
    form: `quantiles ${accuracy}`,
    create: () => ({ zeros: 0, positive: new Map(), negative: new Map() }),
    add: (sketch, value) => put(sketch, finite(of(value)), 1),
    merge(a, b) {
      a.zeros += b.zeros
      for (const [bin, times] of b.positive) addToBin(a.positive, bin, times)
      for (const [bin, times] of b.negative) addToBin(a.negative, bin, times)
      return a
    },
    retract: (sketch, value) => put(sketch, finite(of(value)), -1),
    result: (sketch) => result(ranked(sketch, factor)),
  })
}

function addToBin(bins: Map<number, number>, bin: number, times: number): void {
  const count = counted((bins.get(bin) ?? 0) + times)
  if (count === 0) bins.delete(bin)
  else bins.set(bin, count)
}

function counted(count: number): number {
  if (count < 0) throw neverAdded()
  return count
}

/** All numbers, rising, as their bins give them, and how many there are of each. */
interface Ranked {
  readonly bins: readonly (readonly [number: number, times: number])[]
  readonly count: number
}

function ranked({ zeros, positive, negative }: Sketch, factor: number): Ranked {
  // The middle of a bin, by relative distance: `accuracy` away from both of its bounds.
  const middle = (bin: number) => Math.min(Number.MAX_VALUE, (2 / (factor + 1)) * factor ** bin)
  const below = [...negative].sort(([a], [b]) => b - a).map(([bin, times]) => [-middle(bin), times] as const)
  const above = [...positive].sort(([a], [b]) => a - b).map(([bin, times]) => [middle(bin), times] as const)
  const bins = [...below, [0, zeros] as const, ...above]
  return { bins, count: bins.reduce((sum, [, times]) => sum + times, 0) }
}

/** The number that so large a share of the others lies below: the one of that rank, if all were sorted. */
function quantileOf({ bins, count }: Ranked, share: number): number {
  let rank = Math.floor(share * (count - 1))
  for (const [number, times] of bins) if ((rank -= times) < 0) return number
  return NaN
}
