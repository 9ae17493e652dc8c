import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import express, { type Router } from 'express'
import { openApiDocument } from './openapi-document.ts'

/** Serves the API's description at /api/openapi.json, and pages made of it at /api/docs. Made when first asked for. */
export function serveApiDocs(version: string): Router {
  let description: string | undefined
  const router = express.Router({ strict: true })
  router.get('/api/openapi.json', (_request, response) => {
    description ??= JSON.stringify(openApiDocument(version))
    response.type('json').send(description)
  })
  router.get('/api/docs', (_request, response) => response.redirect('/api/docs/'))
  router.get('/api/docs/', (_request, response) => void response.type('html').send(page))
  router.get('/api/docs/start.js', (_request, response) => void response.type('js').send(script))
  // Found by its manifest: its main file would load all of it.
  const files = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  router.use('/api/docs', express.static(files, { index: false }))
  return router
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Lightflus API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<div id="docs"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</html>
`

const script = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#docs', deepLinking: true, defaultModelsExpandDepth: 0 })\n`
