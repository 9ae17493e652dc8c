/**
 * Text that two rows have in common exactly when they are equal by value: a row that is taken back is a copy of the one that
 * was put in. Fields count in their order, since the same function made both rows.
 */
export function rowIdentity(row: unknown): string {
  if (typeof row === 'string') return JSON.stringify(row)
  if (typeof row === 'bigint') return `${row}n`
  // Also of -0, which is written as 0.
  if (typeof row !== 'object' || row === null) return String(row)
  if (Array.isArray(row)) return `[${row.map(rowIdentity).join()}]`
  // By their tag, since a copy may have come from another realm.
  switch (Object.prototype.toString.call(row)) {
    case '[object Date]':
      return `Date ${(row as Date).getTime()}`
    case '[object Map]':
      return `Map ${rowIdentity([...(row as Map<unknown, unknown>)].flat())}`
    case '[object Set]':
      return `Set ${rowIdentity([...(row as Set<unknown>)])}`
  }
  if (ArrayBuffer.isView(row))
    return `${row.constructor.name} ${new Uint8Array(row.buffer, row.byteOffset, row.byteLength).join()}`
  return `{${Object.entries(row)
    .map(([field, value]) => `${JSON.stringify(field)}:${rowIdentity(value)}`)
    .join()}}`
}
