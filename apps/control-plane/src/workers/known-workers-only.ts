import { LightflusError } from '@lightflus/api'
import type { RequestHandler } from 'express'
import { bearerToken } from '../auth/bearer-token.ts'
import type { LightflusRequest } from '../http/caller.ts'
import type { AuthenticateWorker } from './authenticate-worker.ts'

/** Lets through what carries a worker's token, and notes whose. */
export function knownWorkersOnly(authenticate: AuthenticateWorker): RequestHandler {
  return (request, _response, next) => {
    const token = bearerToken(request)
    if (token === undefined) return next(new LightflusError('LF_UNAUTHENTICATED', 'This route needs a bearer token.'))
    authenticate.execute(token).then((worker) => {
      ;(request as LightflusRequest).worker = worker
      next()
    }, next)
  }
}
