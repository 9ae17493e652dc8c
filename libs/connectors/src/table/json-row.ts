import { LightflusError, type Json } from '@lightflus/api'

/** Longest text shown in a cell; more is cut. Rows are for looking at. */
export const cellCharsMax = 2_000
const depthMax = 6
const entriesMax = 100
/** Cells of a row over all depths: width to the power of depth would be too much. */
const cellsMax = 1_000

/**
 * A record as a row that can be sent and shown: dates as ISO text, bigint as digits, numbers that JSON lacks as text,
 * what is long or deep cut short.
 * @throws LF_SINK_VALUE unless it is an object with named fields
 */
export function jsonRow(value: unknown): { readonly [column: string]: Json } {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    throw new LightflusError('LF_SINK_VALUE', 'A row of a table must be an object with named fields', {
      nextStep: 'Give the table sink a row function, such as `row: (value) => ({ value })`.',
    })
  return fieldsOf(value, 0, { left: cellsMax })
}

interface Budget {
  left: number
}

function fieldsOf(value: object, depth: number, budget: Budget): { [name: string]: Json } {
  const fields: { [name: string]: Json } = {}
  for (const [name, field] of Object.entries(value).slice(0, entriesMax))
    if (field !== undefined && typeof field !== 'function' && typeof field !== 'symbol')
      fields[name] = cellOf(field, depth + 1, budget)
  return fields
}

function cellOf(value: unknown, depth: number, budget: Budget): Json {
  if (budget.left-- <= 0) return '…'
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'string') return value.length > cellCharsMax ? `${value.slice(0, cellCharsMax)}…` : value
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (depth >= depthMax) return '…'
  if (Array.isArray(value)) return value.slice(0, entriesMax).map((entry) => cellOf(entry, depth + 1, budget))
  if (value instanceof Set) return cellOf([...value], depth, budget)
  if (value instanceof Map) return fieldsOf(Object.fromEntries(value), depth, budget)
  return fieldsOf(value, depth, budget)
}
