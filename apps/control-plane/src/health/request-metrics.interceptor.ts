import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common'
import type { Response } from 'express'
import type { Observable } from 'rxjs'
import { routeOf } from '../http/api-route.ts'
import type { LightflusRequest } from '../http/caller.ts'
import { Metrics } from './metrics.ts'

/** Times the requests of the API's table. Refusals by a guard never get here. */
@Injectable()
export class RequestMetricsInterceptor implements NestInterceptor {
  readonly #metrics: Metrics

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = routeOf(context)
    if (!route) return next.handle()
    const http = context.switchToHttp()
    const { method } = http.getRequest<LightflusRequest>()
    const response = http.getResponse<Response>()
    const begin = performance.now()
    response.once('finish', () =>
      this.#metrics.observeRequest(method, route, response.statusCode, (performance.now() - begin) / 1_000),
    )
    return next.handle()
  }
}
