import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Params } from 'nestjs-pino'
import type { Config } from '../config/config.ts'

/** What comes every second and tells nothing. */
const quiet = /^\/(worker\/v1\/sync|healthz|readyz|metrics)/

/**
 * Log lines as JSON on standard output. A request is logged by method, path and outcome: no headers, no query, no body,
 * since credentials travel in them.
 */
export function loggerOptions({ logLevel }: Pick<Config, 'logLevel'>): Params {
  return {
    pinoHttp: {
      level: logLevel,
      genReqId: (request) => (request as IncomingMessage & { id: string }).id,
      serializers: {
        req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
          id,
          method,
          path: url.split('?')[0],
        }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
      autoLogging: { ignore: (request) => quiet.test(request.url ?? '') },
      customLogLevel: (_request: IncomingMessage, response: ServerResponse, error?: Error) =>
        error || response.statusCode >= 500 ? 'error' : 'debug',
    },
  }
}
