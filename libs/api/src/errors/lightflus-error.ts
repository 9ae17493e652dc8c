import { catalogue, type ErrorCode } from './catalogue.ts'

/** Who has to act on an error: the program's author, the platform, or an outside system. */
export type ErrorDomain = 'user' | 'internal' | 'external'

/** One entry of the catalogue: all that is known of an error code before it happens. */
export interface ErrorEntry {
  readonly domain: ErrorDomain
  /** Whether trying the same thing again can help without anybody changing anything. */
  readonly retry: boolean
  /** What the code means, one sentence. */
  readonly meaning: string
  /** What to do about it, one sentence in the imperative. */
  readonly nextStep: string
  /** A message as a user would see it. */
  readonly example: string
}

/** Facts about where an error happened. Values must be safe to show to the tenant: never a secret. */
export interface ErrorDetails {
  readonly job?: string
  readonly operator?: string
  readonly [fact: string]: string | number | boolean | null | undefined | readonly string[]
}

export interface ErrorOptions {
  readonly details?: ErrorDetails
  /** Overrides the catalogue's next step where the occasion knows better. */
  readonly nextStep?: string
  readonly cause?: unknown
}

/** The form in which an error crosses threads, processes and HTTP. */
export interface SerializedError {
  readonly code: ErrorCode
  readonly message: string
  readonly details: ErrorDetails
  readonly nextStep: string
  /** Name, message and user-visible stack of what caused it. */
  readonly cause?: { readonly name: string; readonly message: string; readonly stack?: string }
}

const brand = Symbol.for('lightflus.error')

/**
 * The one error that this project throws on purpose. It is recognised by a brand and not by `instanceof`, since a
 * program's bundle carries its own copy of this class.
 */
export class LightflusError extends Error {
  readonly [brand] = true
  readonly code: ErrorCode
  readonly details: ErrorDetails
  readonly nextStep: string

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'LightflusError'
    this.code = code
    this.details = options.details ?? {}
    this.nextStep = options.nextStep ?? catalogue[code].nextStep
  }

  get domain(): ErrorDomain {
    return catalogue[this.code].domain
  }

  get retry(): boolean {
    return catalogue[this.code].retry
  }

  toJSON(): SerializedError {
    const cause = this.cause
    return {
      code: this.code,
      message: this.message,
      details: this.details,
      nextStep: this.nextStep,
      ...(cause instanceof Error
        ? { cause: { name: cause.name, message: cause.message, ...(cause.stack ? { stack: cause.stack } : {}) } }
        : {}),
    }
  }
}

export function isLightflusError(value: unknown): value is LightflusError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true
}

/** Rebuilds an error that crossed a thread, process or HTTP boundary. */
export function deserializeError(error: SerializedError): LightflusError {
  let cause: Error | undefined
  if (error.cause) {
    cause = new Error(error.cause.message)
    cause.name = error.cause.name
    if (error.cause.stack) cause.stack = error.cause.stack
  }
  return new LightflusError(error.code, error.message, { details: error.details, nextStep: error.nextStep, cause })
}

/** Wraps anything thrown into a LightflusError, once: one that already is, is returned as it came. */
export function toLightflusError(
  thrown: unknown,
  code: ErrorCode,
  message: string,
  details?: ErrorDetails,
): LightflusError {
  if (isLightflusError(thrown)) return thrown
  return new LightflusError(code, message, { cause: thrown, ...(details ? { details } : {}) })
}
