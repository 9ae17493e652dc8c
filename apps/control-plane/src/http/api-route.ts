import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common'
import { routes, type Role, type RouteName, type Routes } from '@lightflus/contracts'
import type { z } from 'zod'
import type { LightflusRequest } from './caller.ts'
import { ListedError, problemsOf } from './listed-error.ts'

const routeKey = 'lightflus:route'
const accessKey = 'lightflus:access'

/** Who may call a handler. A handler that does not say is refused to everyone. */
export type Access = 'public' | 'worker' | Role

/** Binds a handler to a route of the table: method, path, access and the input that {@link ApiInput} reads. */
export function ApiRoute(name: RouteName): MethodDecorator {
  const route = routes[name]
  return applyDecorators(
    RequestMapping({ method: RequestMethod[route.method], path: route.path.replace(/\{(\w+)\}/g, ':$1') }),
    HttpCode(route.response.def.type === 'undefined' ? 204 : 200),
    SetMetadata(routeKey, name),
    RequireAccess(route.access),
  )
}

/** Says who may call handlers that are not in the table. */
export function RequireAccess(access: Access): MethodDecorator & ClassDecorator {
  return SetMetadata(accessKey, access)
}

export function accessOf(context: ExecutionContext): Access | undefined {
  const stated = (target: object) => Reflect.getMetadata(accessKey, target) as Access | undefined
  return stated(context.getHandler()) ?? stated(context.getClass())
}

export function routeOf(context: ExecutionContext): RouteName | undefined {
  return Reflect.getMetadata(routeKey, context.getHandler()) as RouteName | undefined
}

/** Input of a route as its schemas give it: defaults filled in, texts turned into numbers. */
export type InputOf<R extends RouteName> = {
  readonly params: z.output<Routes[R]['params']>
  readonly query: z.output<Routes[R]['query']>
  readonly body: z.output<Routes[R]['body']>
}

/** The checked input of the handler's route; LF_REQUEST_INVALID lists everything that is wrong with it. */
export const ApiInput = createParamDecorator((_data: undefined, context: ExecutionContext) => {
  const name = routeOf(context)
  if (!name) throw new Error('a handler without a route asks for its input')
  const route = routes[name]
  const request = context.switchToHttp().getRequest<LightflusRequest>()
  const given = { params: request.params, query: request.query, body: request.body as unknown }
  const problems: ReturnType<typeof problemsOf> = []
  const input: Record<string, unknown> = {}
  for (const part of ['params', 'query', 'body'] as const) {
    const schema: z.ZodType = route[part]
    if (schema.def.type === 'undefined') continue
    const parsed = schema.safeParse(given[part])
    if (parsed.success) input[part] = parsed.data
    else problems.push(...problemsOf(parsed.error, part))
  }
  const unstorable = pathOfNul(given)
  if (unstorable)
    problems.push({ path: unstorable, code: 'LF_REQUEST_INVALID', message: 'must not contain the character NUL' })
  if (problems.length > 0) throw ListedError.of('LF_REQUEST_INVALID', problems)
  return input
})

/** Where a text holds NUL, which Postgres cannot store. */
function pathOfNul(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? path : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, each] of Object.entries(value)) {
    const found = key.includes('\0') ? path : pathOfNul(each, path ? `${path}.${key}` : key)
    if (found !== undefined) return found
  }
  return undefined
}
