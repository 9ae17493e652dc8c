import { durationMs, type Duration } from '../duration.ts'
import { LightflusError } from '../errors/lightflus-error.ts'

/**
 * How one option is checked: `read` returns the resolved value or throws a message. `required` and `fallback` say what
 * an absent option means.
 */
export interface OptionRule<Resolved> {
  readonly required: boolean
  readonly fallback: Resolved | undefined
  readonly read: (value: unknown) => Resolved
}

type Rules = Readonly<Record<string, OptionRule<any>>>
export type ResolvedOptions<R extends Rules> = { readonly [K in keyof R]: R[K] extends OptionRule<infer T> ? T : never }

class Refusal extends Error {}

const rule = <T>(read: (value: unknown) => T): OptionRule<T> => ({ required: true, fallback: undefined, read })

/** The rule for an option that may be left out, and what it is then. */
export const optional = <T, F>(of: OptionRule<T>, fallback: F): OptionRule<T | F> => ({
  required: false,
  fallback,
  read: (value) => of.read(value),
})

/** The rule for an option that may be switched off by null. */
export const nullable = <T>(of: OptionRule<T>): OptionRule<T | null> => ({
  ...of,
  read: (value) => (value === null ? null : of.read(value)),
})

export const text = (pattern?: RegExp, form?: string): OptionRule<string> =>
  rule((value) => {
    if (typeof value !== 'string' || value === '') throw new Refusal('must be text that is not empty')
    if (pattern && !pattern.test(value)) throw new Refusal(`must be ${form ?? `of the form ${pattern.source}`}`)
    return value
  })

export const whole = (min: number, max: number): OptionRule<number> =>
  rule((value) => {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
    throw new Refusal(`must be a whole number from ${min} to ${max}`)
  })

export const positive = (max: number): OptionRule<number> =>
  rule((value) => {
    if (typeof value === 'number' && value > 0 && value <= max) return value
    throw new Refusal(`must be a number above 0, ${max} at most`)
  })

export const flag = (): OptionRule<boolean> =>
  rule((value) => {
    if (typeof value === 'boolean') return value
    throw new Refusal('must be true or false')
  })

export const fn = <F extends (...args: any[]) => unknown>(): OptionRule<F> =>
  rule((value) => {
    if (typeof value === 'function') return value as F
    throw new Refusal('must be a function')
  })

export const oneOf = <const T extends string>(...known: readonly T[]): OptionRule<T> =>
  rule((value) => {
    if ((known as readonly unknown[]).includes(value)) return value as T
    throw new Refusal(`must be one of ${known.map((k) => `'${k}'`).join(', ')}`)
  })

/** A duration, resolved to milliseconds; `minMs` is the least that makes sense. */
export const duration = (minMs = 0): OptionRule<number> =>
  rule((value) => {
    let ms
    try {
      ms = durationMs(value as Duration)
    } catch {
      throw new Refusal("must be a duration: milliseconds, or text such as '5s' or '1m'")
    }
    if (ms < minMs) throw new Refusal(`must be at least ${minMs} ms`)
    return ms
  })

/** Whatever passes the guard. */
export const fitting = <T>(guard: (value: unknown) => value is T, form: string): OptionRule<T> =>
  rule((value) => {
    if (guard(value)) return value
    throw new Refusal(`must be ${form}`)
  })

/**
 * Options as given → resolved, with all problems in one error.
 * @throws LF_PROGRAM_OPTION naming each unknown, missing or wrong option.
 */
export function resolveOptions<R extends Rules>(
  owner: string,
  given: object | undefined,
  rules: R,
): ResolvedOptions<R> {
  const values = (given ?? {}) as Readonly<Record<string, unknown>>
  const problems: string[] = []
  for (const name of Object.keys(values))
    if (!(name in rules)) problems.push(`unknown option '${name}'; known are ${Object.keys(rules).join(', ')}`)
  const resolved: Record<string, unknown> = {}
  for (const [name, { required, fallback, read }] of Object.entries(rules)) {
    const value = values[name]
    if (value === undefined) {
      if (required) problems.push(`option '${name}' is missing`)
      else resolved[name] = fallback
      continue
    }
    try {
      resolved[name] = read(value)
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      problems.push(`option '${name}' ${refusal.message}, not ${shown(value)}`)
    }
  }
  if (problems.length > 0) throw new LightflusError('LF_PROGRAM_OPTION', `${owner}: ${problems.join('; ')}.`)
  return resolved as ResolvedOptions<R>
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
