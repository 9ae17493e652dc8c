import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common'
import type { Response } from 'express'
import type { LightflusRequest } from './caller.ts'
import { errorToShow, problemOf } from './problem.ts'

/** Answers everything thrown as problem+json. What is the platform's own fault is logged whole under the request's id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('Http')

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<LightflusRequest>()
    const response = host.switchToHttp().getResponse<Response>()
    const error = errorToShow(thrown, request)
    const problem = problemOf(error, request.id)
    if (problem.status >= 500)
      this.#logger.error({ requestId: request.id, code: error.code, err: error.cause ?? error }, error.message)
    if (response.headersSent) {
      response.end()
      return
    }
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
    const { retryAfterSeconds } = error.details
    if (typeof retryAfterSeconds === 'number') response.setHeader('Retry-After', String(retryAfterSeconds))
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  }
}
