import { deserializeError, LightflusError, type SerializedError } from '@lightflus/api'
import type { z } from 'zod'
import { problemSchema, type Problem } from './common.ts'
import { routes, type RouteName, type Routes } from './routes.ts'

type Input<S extends z.ZodType> = z.input<S>
type Part<Name extends string, S extends z.ZodType> =
  undefined extends z.input<S> ? {} : { readonly [N in Name]: Input<S> }
type Optional<T> = { [K in keyof T]: T[K] }

/** What a call of a route takes: `params`, `query` and `body`, each only where the route has it. */
export type RouteInput<R extends RouteName> = Optional<
  Part<'params', Routes[R]['params']> & Part<'query', Routes[R]['query']> & Part<'body', Routes[R]['body']>
>
export type RouteOutput<R extends RouteName> = z.output<Routes[R]['response']>

export type Client = { readonly [R in RouteName]: (input: RouteInput<R>) => Promise<RouteOutput<R>> }

export interface ClientOptions {
  /** Where the API answers; empty in the console, which is served by it. */
  readonly baseUrl: string
  /** The bearer token of each call: an access token or an API key. */
  readonly token?: () => string | undefined | Promise<string | undefined>
  readonly fetch?: typeof globalThis.fetch
}

/** An error that the API answered, with all that the problem said. */
export function problemError(problem: Problem): LightflusError {
  const error: SerializedError = {
    code: problem.code as SerializedError['code'],
    message: problem.detail,
    details: {
      status: problem.status,
      requestId: problem.requestId,
      ...(problem.errors
        ? { problems: problem.errors.map(({ path, code, message }) => `${path}: ${message} (${code})`) }
        : {}),
    },
    nextStep: problem.nextStep,
  }
  return deserializeError(error)
}

/**
 * A typed client of every route.
 * @throws the error that the API answered, or LF_PLATFORM_UNREACHABLE when nothing answered.
 */
export function createClient(options: ClientOptions): Client {
  const call = async (
    name: RouteName,
    input: { params?: object; query?: object; body?: unknown },
  ): Promise<unknown> => {
    const route = routes[name]
    const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) =>
      encodeURIComponent(String((input.params as Record<string, unknown>)[key])),
    )
    const query = new URLSearchParams(
      Object.entries(input.query ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
    ).toString()
    const token = await options.token?.()
    let response: Response
    try {
      response = await (options.fetch ?? fetch)(`${options.baseUrl}${path}${query ? `?${query}` : ''}`, {
        method: route.method,
        headers: {
          accept: 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(route.method === 'POST' ? { 'idempotency-key': crypto.randomUUID() } : {}),
        },
        ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      })
    } catch (cause) {
      throw new LightflusError('LF_PLATFORM_UNREACHABLE', `Nothing answers at ${options.baseUrl || 'this address'}.`, {
        cause,
      })
    }
    const text = await response.text()
    if (!response.ok) throw problemError(readProblem(response, text))
    return text === '' ? undefined : JSON.parse(text)
  }
  return Object.fromEntries(
    Object.keys(routes).map((name) => [name, (input: object) => call(name as RouteName, input)]),
  ) as unknown as Client
}

function readProblem(response: Response, text: string): Problem {
  try {
    return problemSchema.parse(JSON.parse(text))
  } catch {
    return {
      type: 'about:blank',
      title: response.statusText,
      status: response.status,
      detail: `The answer was ${response.status} ${response.statusText} without a problem document.`,
      code: 'LF_PLATFORM_ANSWER',
      nextStep: 'See that the address is that of a Lightflus platform and that no proxy answers in its place.',
      requestId: response.headers.get('x-request-id') ?? '',
    }
  }
}
