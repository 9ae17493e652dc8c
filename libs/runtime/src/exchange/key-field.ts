import type { Key } from '@lightflus/api'

/**
 * A field of the records that is their key, as most often it is: then the key need not be sent, and is the very same text
 * at the receiver.
 */
export interface KeyField {
  readonly name: string
  /** Whether the field is the key of all records, which are objects that have it. */
  holds(values: readonly unknown[], keys: readonly Key[]): boolean
  read(values: readonly unknown[]): Key[]
}

/** With a function made for the name, reading the field takes a nanosecond or two; by a name that varies, ten. */
export function keyField(name: string): KeyField {
  const field = `values[i][${JSON.stringify(name)}]`
  // -0 is not 0 at the receiver; NaN is no key that equals itself, and is sent.
  const holds = `for (let i = 0; i < values.length; i++) {
    const value = ${field}
    if (value !== keys[i] || (value === 0 && 1 / value !== 1 / keys[i])) return false
  }
  return true`
  const read = `const keys = new Array(values.length)
  for (let i = 0; i < values.length; i++) keys[i] = ${field}
  return keys`
  return {
    name,
    holds: new Function('values', 'keys', holds) as KeyField['holds'],
    read: new Function('values', read) as KeyField['read'],
  }
}

/** The field of these records that is their key. */
export function findKeyField(
  names: readonly string[],
  values: readonly unknown[],
  keys: readonly Key[],
): KeyField | undefined {
  for (const name of names) {
    const field = keyField(name)
    if (field.holds(values, keys)) return field
  }
}
