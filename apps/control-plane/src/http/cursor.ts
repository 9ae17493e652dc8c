import { LightflusError } from '@lightflus/api'
import type { z } from 'zod'

/** A list's place to go on from, as opaque text. It is no secret: what it points at is looked up as the tenant. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** @throws LF_CURSOR_INVALID */
export function decodeCursor<S extends z.ZodType>(cursor: string | undefined, schema: S): z.output<S> | undefined {
  if (cursor === undefined) return undefined
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch (cause) {
    throw new LightflusError('LF_CURSOR_INVALID', 'The cursor is not one of this list.', { cause })
  }
}

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

/** A page of rows, of which one more than the limit was asked for to know whether there are more. */
export function pageOfRows<R, T>(
  rows: readonly R[],
  limit: number,
  show: (row: R) => T,
  position: (row: R) => unknown,
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(show),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null,
  }
}
