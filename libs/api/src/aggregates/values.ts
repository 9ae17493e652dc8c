import { LightflusError } from '../errors/lightflus-error.ts'

/**
 * What a record gave, once it is known to be a finite number. A misspelt field would make every sum NaN without a word, and
 * NaN never leaves an accumulator again: so it is an error of the record that brings it.
 * @throws LF_AGGREGATE_VALUE for anything else.
 */
export function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw refusal(value, 'a finite number')
}

/** What records are ordered by. @throws LF_AGGREGATE_VALUE for anything but a finite number or text. */
export function comparable<V extends number | string>(value: V): V {
  if (typeof value === 'string' || Number.isFinite(value)) return value
  throw refusal(value, 'a finite number or text')
}

/** @throws LF_AGGREGATE_VALUE for what is not equal to its copies by `===`. */
export function countable<V extends Countable>(value: V): V {
  const type = typeof value
  if (type === 'string' || type === 'boolean' || type === 'bigint' || Number.isFinite(value)) return value
  throw refusal(value, 'text, a finite number, a boolean or a bigint')
}

/** What can be told apart by value. */
export type Countable = string | number | boolean | bigint

/** @throws LF_AGGREGATE_VALUE for anything but text. */
export function textual(value: string): string {
  if (typeof value === 'string') return value
  throw refusal(value, 'text')
}

/** A row is taken back that an accumulator does not hold. */
export function neverAdded(): LightflusError {
  return new LightflusError('LF_AGGREGATE_VALUE', 'a row was taken back that had not been put in.', {
    nextStep:
      'Let the functions before the aggregate be pure: a row that is taken back has to become what it became before.',
  })
}

function refusal(value: unknown, wanted: string): LightflusError {
  return new LightflusError('LF_AGGREGATE_VALUE', `it takes ${wanted}, and was given ${shown(value)}.`)
}

function shown(value: unknown): string {
  if (typeof value === 'number' || value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
