import type { Aggregate, RetractableAggregate } from '../definition.ts'
import { lookingAt } from './looking-at.ts'
import { rowIdentity } from './row-identity.ts'
import { neverAdded, textual } from './values.ts'

type Held<T> = readonly [T] | readonly []

/** The record that came first. For the earliest by event time: `minBy((order) => order.at)`. */
export function first<T>(): Aggregate<T, Held<T>, T> & { readonly overChangelog: RetractableAggregate<T, T[], T> } {
  return {
    form: 'first',
    create: () => [],
    add: (held, record) => (held.length === 0 ? [record] : held),
    merge: (a, b) => (a.length === 0 ? [...b] : a),
    result: (held) => held[0]!,
    overChangelog: listed(itself<T>, (rows) => rows[0]!),
  }
}

/** The record that came last. For the latest by event time: `maxBy((order) => order.at)`. */
export function last<T>(): Aggregate<T, Held<T>, T> & { readonly overChangelog: RetractableAggregate<T, T[], T> } {
  return {
    form: 'last',
    create: () => [],
    add: (_held, record) => [record],
    merge: (a, b) => (b.length === 0 ? a : [...b]),
    result: (held) => held[0]!,
    overChangelog: listed(itself<T>, (rows) => rows[rows.length - 1]!),
  }
}

/** All records, in the order in which they came: state grows with them, so prefer what folds wherever that will do. */
export function collect<T>(): RetractableAggregate<T, T[], readonly T[]> {
  return listed(itself<T>, (rows) => [...rows])
}

/** A text of each record, in the order in which they came, joined. @example stringJoin((order) => order.id, ', ') */
export function stringJoin<T>(of: (value: T) => string, separator = ','): RetractableAggregate<T, string[], string> {
  const joined = listed(
    (value: T) => textual(of(value)),
    (texts) => texts.join(separator),
  )
  return lookingAt([of], joined)
}

const itself = <T>(record: T): T => record

/** Keeps what each record gives in a list; what is taken back is the oldest of its equals. */
function listed<T, E, R>(of: (record: T) => E, result: (list: readonly E[]) => R): RetractableAggregate<T, E[], R> {
  return {
    form: 'list',
    create: () => [],
    grows: true,
    add(list, record) {
      list.push(of(record))
      return list
    },
    merge(a, b) {
      for (const element of b) a.push(element)
      return a
    },
    retract(list, record) {
      const identity = rowIdentity(of(record))
      const at = list.findIndex((element) => rowIdentity(element) === identity)
      if (at < 0) throw neverAdded()
      list.splice(at, 1)
      return list
    },
    result,
  }
}
