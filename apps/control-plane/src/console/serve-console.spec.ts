import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '@lightflus/testing/services'
import express from 'express'
import { serveConsole } from './serve-console.ts'

/** What a server of this folder answers; what it passes on is answered with 418. */
async function ask(folder: string, path: string, method = 'GET') {
  const app = express()
  app.use(serveConsole(folder))
  app.use((_request, response) => void response.status(418).end())
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method })
    return { status: response.status, text: await response.text(), cache: response.headers.get('cache-control') }
  } finally {
    server.close()
  }
}

describe('the console', () => {
  const built = temporaryFolder('console')
  beforeAll(() => {
    mkdirSync(join(built.path, 'assets'))
    writeFileSync(join(built.path, 'index.html'), '<p>the console</p>')
    writeFileSync(join(built.path, 'assets', 'app-1a2b.js'), 'run()')
  })
  afterAll(() => built.remove())

  test('answers every address of its own with its page, which is asked for anew each time', async () => {
    for (const path of ['/', '/jobs', '/jobs/word-count/logs?x=1', '/apiary'])
      expect(await ask(built.path, path)).toEqual({ status: 200, text: '<p>the console</p>', cache: 'no-cache' })
  })

  test('serves its files, which may be kept for good', async () => {
    expect(await ask(built.path, '/assets/app-1a2b.js')).toEqual({
      status: 200,
      text: 'run()',
      cache: 'public, max-age=31536000, immutable',
    })
  })

  test.each([
    '/api/v1/jobs',
    '/worker/v1/sync',
    '/healthz',
    '/readyz',
    '/metrics',
    '/assets/gone-3c4d.js',
    '/../package.json',
  ])('leaves %s to the application', async (path) => expect((await ask(built.path, path)).status).toBe(418))

  test('leaves what is no reading to the application', async () => {
    expect((await ask(built.path, '/', 'POST')).status).toBe(418)
  })

  test('says so where it is not built', async () => {
    const { status, text } = await ask(join(built.path, 'nowhere'), '/')
    expect(status).toBe(503)
    expect(text).toContain('npm run build')
  })
})
