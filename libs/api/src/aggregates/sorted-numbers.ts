import { neverAdded } from './values.ts'

/** A multiset of numbers: each once, rising, and how many times it is there. */
export interface SortedNumbers {
  readonly numbers: number[]
  readonly counts: number[]
}

export const noNumbers = (): SortedNumbers => ({ numbers: [], counts: [] })

export function addNumber(sorted: SortedNumbers, number: number, times = 1): SortedNumbers {
  const { numbers, counts } = sorted
  const at = placeOf(numbers, number)
  if (numbers[at] === number) counts[at]! += times
  else {
    numbers.splice(at, 0, number)
    counts.splice(at, 0, times)
  }
  return sorted
}

/** @throws LF_AGGREGATE_VALUE where it is not there. */
export function removeNumber(sorted: SortedNumbers, number: number): SortedNumbers {
  const { numbers, counts } = sorted
  const at = placeOf(numbers, number)
  if (numbers[at] !== number) throw neverAdded()
  if (--counts[at]! === 0) {
    numbers.splice(at, 1)
    counts.splice(at, 1)
  }
  return sorted
}

export function mergeNumbers(a: SortedNumbers, b: SortedNumbers): SortedNumbers {
  for (let i = 0; i < b.numbers.length; i++) addNumber(a, b.numbers[i]!, b.counts[i]!)
  return a
}

/** Index of the first that is not less. */
function placeOf(numbers: readonly number[], number: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[middle]! < number) low = middle + 1
    else high = middle
  }
  return low
}
