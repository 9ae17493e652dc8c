/**
 * A value of state as JSON can say it: maps and sets as what they hold, bytes as base64, numbers and bigints that JSON has no
 * form for as text, undefined as null.
 */
export function plainValue(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Map) return { map: Array.from(value, (entry: unknown[]) => entry.map(plainValue)) }
  if (value instanceof Set) return { set: Array.from(value, plainValue) }
  if (value instanceof RegExp || value instanceof Error) return String(value)
  if (value instanceof ArrayBuffer) return { base64: Buffer.from(value).toString('base64') }
  if (ArrayBuffer.isView(value)) return viewed(value)
  if (Array.isArray(value)) return value.map(plainValue)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainValue(each)]))
}

/** Numbers as they are, bytes as text. */
function viewed(view: ArrayBufferView): unknown {
  if (view instanceof Uint8Array || view instanceof DataView)
    return { base64: Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64') }
  return Array.from(view as unknown as Iterable<unknown>, plainValue)
}
