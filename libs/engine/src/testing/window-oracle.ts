import type { Key } from '@lightflus/api'

export interface OracleRecord {
  readonly key: Key
  readonly amount: number
  readonly timestamp: number
}

export interface OracleWindow {
  readonly key: Key
  readonly window: { readonly start: number; readonly end: number }
  readonly n: number
  readonly total: number
  readonly least: number
}

/**
 * Tumbling windows by key over complete data, from their definition alone and without any code of the engine: for every
 * key, every window that could hold a record, and in each the records that lie in it.
 */
export function windowsByDefinition(records: readonly OracleRecord[], sizeMs: number): OracleWindow[] {
  const windows: OracleWindow[] = []
  const times = records.map(({ timestamp }) => timestamp)
  const first = Math.floor(Math.min(...times) / sizeMs)
  const last = Math.floor(Math.max(...times) / sizeMs)
  for (const key of new Set(records.map((record) => record.key))) {
    for (let number = first; number <= last; number++) {
      const window = { start: number * sizeMs, end: (number + 1) * sizeMs }
      const inside = records.filter(
        (record) => record.key === key && record.timestamp >= window.start && record.timestamp < window.end,
      )
      if (inside.length === 0) continue
      const amounts = inside.map(({ amount }) => amount)
      windows.push({
        key,
        window,
        n: amounts.length,
        total: amounts.reduce((sum, amount) => sum + amount, 0),
        least: Math.min(...amounts),
      })
    }
  }
  return windows
}
