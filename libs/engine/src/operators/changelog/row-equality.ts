import { hashKey } from '../../key-group.ts'

/**
 * Whether two rows are the same by structure: what tells which row a retraction takes back, since the row itself may have
 * crossed an exchange or a restore in between. Prototypes and the order of an object's fields do not count, that of
 * Maps and Sets does. Rows are trees, as records that can be kept in state are.
 */
export function equalRows(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a !== a && b !== b
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b)
  if (Array.isArray(b)) return false
  const kind = kindOf(a)
  if (kind !== kindOf(b)) return false
  if (kind !== 'fields') return equalLists(contentOf(kind, a), contentOf(kind, b))
  const names = Object.keys(a)
  // Values first: rows that are compared have mostly the same fields.
  for (const name of names) {
    if (!equalRows((a as Fields)[name], (b as Fields)[name])) return false
    if (!Object.hasOwn(b, name)) return false
  }
  return names.length === Object.keys(b).length
}

/** A number of 32 bits that equal rows share. Only compared within one process: it may change between versions. */
export function hashRow(row: unknown): number {
  switch (typeof row) {
    case 'string':
    case 'number':
    case 'boolean':
      return hashKey(row)
    case 'object':
      return row === null ? 3 : hashObject(row)
    default:
      return hashKey(String(row))
  }
}

type Fields = Readonly<Record<string, unknown>>

function hashObject(row: object): number {
  if (Array.isArray(row)) return hashList(row)
  const kind = kindOf(row)
  if (kind !== 'fields') return hashList(contentOf(kind, row))
  const names = Object.keys(row)
  let hash = names.length
  // Fields are added up, so that their order does not count.
  for (const name of names) hash = (hash + hashKey(Math.imul(hashRow((row as Fields)[name]), 31) ^ hashKey(name))) | 0
  return hash
}

function hashList(list: readonly unknown[]): number {
  let hash = list.length
  for (let i = 0; i < list.length; i++) hash = (Math.imul(hash, 31) + hashRow(list[i])) | 0
  return hash
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!equalRows(a[i], b[i])) return false
  return true
}

type Kind = 'fields' | 'date' | 'set' | 'map' | 'bytes'

/** What an object consists of. By its tag and not by `instanceof`, since what was copied may be of another realm. */
function kindOf(row: object): Kind {
  if (Object.getPrototypeOf(row) === Object.prototype) return 'fields'
  if (ArrayBuffer.isView(row)) return 'bytes'
  switch (Object.prototype.toString.call(row)) {
    case '[object Date]':
      return 'date'
    case '[object Set]':
      return 'set'
    case '[object Map]':
      return 'map'
    case '[object ArrayBuffer]':
      return 'bytes'
    default:
      return 'fields'
  }
}

function contentOf(kind: Exclude<Kind, 'fields'>, row: object): readonly unknown[] {
  switch (kind) {
    case 'date':
      return [(row as Date).getTime()]
    case 'set':
      return [...(row as Set<unknown>)]
    case 'map':
      return [...(row as Map<unknown, unknown>)].flat(1)
    case 'bytes':
      return [...bytesOf(row as ArrayBuffer | ArrayBufferView)]
  }
}

function bytesOf(row: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(row)) return new Uint8Array(row.buffer, row.byteOffset, row.byteLength)
  return new Uint8Array(row)
}
