import { isLightflusError, LightflusError } from '@lightflus/api'

/** Where in a job something went wrong. */
export interface ErrorPlace {
  readonly job: string
  readonly operator: string
  /** The record in words, or empty where it is none's fault. */
  readonly record?: string
}

/** The same error with its place in message and details; one that names its operator already is returned as it came. */
export function locateError(thrown: unknown, { job, operator, record }: ErrorPlace): LightflusError {
  if (isLightflusError(thrown) && thrown.details.operator !== undefined) return thrown
  const prefix = `Job ${job}, operator ${operator}${record ? `, ${record}` : ''}: `
  const place = { job, operator, ...(record ? { record } : {}) }
  if (isLightflusError(thrown))
    return new LightflusError(thrown.code, prefix + thrown.message, {
      details: { ...thrown.details, ...place },
      nextStep: thrown.nextStep,
      cause: thrown.cause,
    })
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  return new LightflusError('LF_OPERATOR_FAILED', prefix + what, { details: place, cause: thrown })
}

/** Calls an operator; whatever it throws or rejects with then names it. */
export function callLocated<T>(place: ErrorPlace, call: () => T | Promise<T>): T | Promise<T> {
  try {
    const result = call()
    // Not instanceof: a promise may come from another realm.
    if (typeof result !== 'object' || result === null || !('then' in result)) return result
    return result.catch((thrown: unknown) => {
      throw locateError(thrown, place)
    })
  } catch (thrown) {
    throw locateError(thrown, place)
  }
}
