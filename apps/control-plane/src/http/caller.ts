import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { Role } from '@lightflus/contracts'
import type { Request } from 'express'

/** Who makes a request, as the guard found it. Every command takes one, so none can forget its tenant. */
export interface Caller {
  readonly kind: 'user' | 'api-key'
  /** Id of the user or key. */
  readonly id: string
  /** As events and the audit log name the caller: an e-mail, or `API key <name>`. */
  readonly name: string
  readonly email: string | null
  readonly tenantId: string
  readonly tenantName: string
  readonly role: Role
  /** When the credentials end, milliseconds since the epoch; null: never. */
  readonly expiresAt: number | null
}

/** The worker that makes a request of the worker protocol. */
export interface WorkerCaller {
  readonly workerId: string
  readonly tenantId: string
}

/** What guards and middleware attach to a request. */
export interface LightflusRequest extends Request {
  id: string
  user?: Caller
  worker?: WorkerCaller
}

export const CurrentCaller = createParamDecorator((_data: undefined, context: ExecutionContext): Caller => {
  const { user } = context.switchToHttp().getRequest<LightflusRequest>()
  if (!user) throw new Error('a route that needs no credentials asks for its caller')
  return user
})

export const CurrentWorker = createParamDecorator((_data: undefined, context: ExecutionContext): WorkerCaller => {
  const { worker } = context.switchToHttp().getRequest<LightflusRequest>()
  if (!worker) throw new Error('a route that is not of the worker protocol asks for its worker')
  return worker
})
