import { randomUUID } from 'node:crypto'
import type { NextFunction, Response } from 'express'
import type { LightflusRequest } from './caller.ts'

const acceptable = /^[\w-]{8,64}$/

/** Gives each request its id, that of the caller where it sent a decent one, and sends it back. */
export function requestId(request: LightflusRequest, response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id']
  request.id = typeof given === 'string' && acceptable.test(given) ? given : randomUUID()
  response.setHeader('X-Request-Id', request.id)
  next()
}
