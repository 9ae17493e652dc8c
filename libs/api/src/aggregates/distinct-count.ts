import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { lookingAt } from './looking-at.ts'
import { countable, neverAdded, type Countable } from './values.ts'

/**
 * How many different values the records have, exactly: every one is kept, so for many of them prefer
 * {@link approxDistinctCount}.
 * @example distinctCount((visit) => visit.user)
 */
export function distinctCount<T>(of: (value: T) => Countable): Aggregate<T, Set<Countable>, number> & {
  readonly overChangelog: RetractableAggregate<T, Map<Countable, number>, number>
} {
  return lookingAt([of], {
    form: 'distinct',
    create: () => new Set(),
    grows: true,
    add: (seen, value) => seen.add(countable(of(value))),
    merge(a, b) {
      for (const value of b) a.add(value)
      return a
    },
    result: ({ size }) => size,
    overChangelog: countedAggregate(of),
  })
}

/** The same, with how often each value is there: it goes when the last record that has it is taken back. */
function countedAggregate<T>(of: (value: T) => Countable): RetractableAggregate<T, Map<Countable, number>, number> {
  return lookingAt([of], {
    form: 'counted values',
    create: () => new Map(),
    grows: true,
    add: (counts, value) => addTimes(counts, countable(of(value)), 1),
    merge(a, b) {
      for (const [value, times] of b) addTimes(a, value, times)
      return a
    },
    retract(counts, value) {
      const own = countable(of(value))
      const times = counts.get(own)
      if (times === undefined) throw neverAdded()
      if (times === 1) counts.delete(own)
      else counts.set(own, times - 1)
      return counts
    },
    result: ({ size }) => size,
  })
}

function addTimes(counts: Map<Countable, number>, value: Countable, times: number): Map<Countable, number> {
  return counts.set(value, (counts.get(value) ?? 0) + times)
}
