import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { type RequestHandler } from 'express'

/** What is answered by the application and never by the console. */
const ofTheApplication = /^\/(api|worker|healthz|readyz|metrics)(\/|$)/

/**
 * Serves the built console: its files as they are, and its page for every other address, which the console itself
 * understands. Where it is not built, a page says so.
 */
export function serveConsole(folder: string): RequestHandler {
  const files = express.static(folder, {
    index: false,
    setHeaders(response, path) {
      // Built files carry a hash of their content in their names; the page that names them must not be kept.
      response.setHeader(
        'Cache-Control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
    },
  })
  const page = join(folder, 'index.html')
  return (request, response, next) => {
    if (ofTheApplication.test(request.path) || (request.method !== 'GET' && request.method !== 'HEAD')) return next()
    files(request, response, (error?: unknown) => {
      if (error) return next(error)
      // A missing file is missing; only addresses are the console's own.
      if (/\.\w+$/.test(request.path)) return next()
      if (!existsSync(page)) return void response.status(503).type('html').send(notBuilt)
      response.setHeader('Cache-Control', 'no-cache')
      response.sendFile(page)
    })
  }
}

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Lightflus</title>
<h1>The console is not built</h1>
<p>Run <code>npm run build</code> in the repository and load this page again.</p>
<p>The API works: its documentation is at <a href="/api/docs">/api/docs</a>.</p>
</html>
`
