/**
 * Text that two rows have in common exactly when they are equal by value: a row that is taken back is a copy of the one that
 * was put in. Fields count in their order, since the same function made both rows.
 */
export function rowIdentity(row: unknown): string {
  if (typeof row === 'string') return JSON.stringify(row)
  if (typeof row !== 'object' || row === null)
    return typeof row === 'bigint' ? `${row}n` : Object.is(row, -0) ? '0' : String(row)
  if (row instanceof Date) return `Date ${row.getTime()}`
  if (Array.isArray(row)) return `[${row.map(rowIdentity).join()}]`
  if (row instanceof Map) return `Map ${rowIdentity([...row].flat())}`
  if (row instanceof Set) return `Set ${rowIdentity([...row])}`
  if (ArrayBuffer.isView(row))
    return `${row.constructor.name} ${new Uint8Array(row.buffer, row.byteOffset, row.byteLength).join()}`
  return `{${Object.entries(row)
    .map(([field, value]) => `${JSON.stringify(field)}:${rowIdentity(value)}`)
    .join()}}`
}
