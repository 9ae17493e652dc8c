import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common'
import type { Response } from 'express'
import { catchError, from, mergeMap, type Observable, throwError } from 'rxjs'
import { Database } from '../database/database.ts'
import { routeOf } from '../http/api-route.ts'
import type { LightflusRequest } from '../http/caller.ts'
import { errorToShow, statusOf } from '../http/problem.ts'
import { AuditLog } from './audit-log.ts'

/**
 * Writes an audit entry of every mutation: before it is tried, so that none can happen unseen, and its outcome after.
 * Sign-in and sign-out, which have no caller yet, are recorded by the sessions themselves.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  readonly #database: Database
  readonly #audit: AuditLog

  constructor(database: Database, audit: AuditLog) {
    this.#database = database
    this.#audit = audit
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp()
    const request = http.getRequest<LightflusRequest>()
    const action = routeOf(context)
    const { user } = request
    if (!user || !action || request.method === 'GET') return next.handle()
    const target = String(request.params.name ?? request.params.id ?? '') || null
    const id = await this.#database.tenant(user.tenantId, (tx) =>
      this.#audit.record(tx, { actor: user.name, action, target, status: null, requestId: request.id }),
    )
    const settle = (status: number, code: string | null) =>
      this.#database.tenant(user.tenantId, (tx) => this.#audit.settle(tx, id, status, code))
    return next.handle().pipe(
      mergeMap(async (value: unknown) => {
        await settle(http.getResponse<Response>().statusCode, null)
        return value
      }),
      catchError((thrown: unknown) => {
        const { code } = errorToShow(thrown, request)
        return from(settle(statusOf(code), code)).pipe(mergeMap(() => throwError(() => thrown)))
      }),
    )
  }
}
