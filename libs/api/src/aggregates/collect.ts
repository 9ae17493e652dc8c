import type { Aggregate } from '../definition.ts'

/** All records, in the order in which they came: state grows with them, so prefer what folds wherever that will do. */
export function collect<T>(): Aggregate<T, T[], readonly T[]> {
  return {
    create: () => [],
    add(records, record) {
      records.push(record)
      return records
    },
    merge(a, b) {
      for (const record of b) a.push(record)
      return a
    },
    result: (records) => [...records],
  }
}
