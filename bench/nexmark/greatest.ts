import type { Aggregate } from 'lightflus'

interface Greatest<T> {
  readonly by: number
  readonly records: T[]
}

/** An aggregate of this benchmark's own: the records whose number is the greatest, all of them where several are equal. */
export function greatest<T>(by: (record: T) => number): Aggregate<T, Greatest<T>, readonly T[]> {
  const merge = (a: Greatest<T>, b: Greatest<T>): Greatest<T> => {
    if (a.by !== b.by) return a.by > b.by ? a : b
    a.records.push(...b.records)
    return a
  }
  return {
    create: () => ({ by: -Infinity, records: [] }),
    add: (held, record) => (by(record) < held.by ? held : merge(held, { by: by(record), records: [record] })),
    merge,
    result: ({ records }) => records,
  }
}
