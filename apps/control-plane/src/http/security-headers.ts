import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * Headers that browsers protect the console by. Styles are set inline by the console's components and by the API's
 * documentation; scripts come from this platform alone.
 */
export function securityHeaders(embedded: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'self'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        workerSrc: ["'self'", 'blob:'],
        ...(embedded ? {} : { upgradeInsecureRequests: [] }),
      },
    },
    // A platform on one's own machine has no TLS to insist on.
    strictTransportSecurity: embedded ? false : { maxAge: 31_536_000, includeSubDomains: true },
  })
}
