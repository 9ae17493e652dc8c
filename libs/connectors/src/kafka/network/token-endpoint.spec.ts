import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { isLightflusError } from '@lightflus/api'
import type { Peer } from '../../connection-errors.ts'
import { testCertificate, testKey } from '../../testing/test-certificate.ts'
import type { TokenEndpointOptions } from './cluster-options.ts'
import { requestToken } from './token-endpoint.ts'

const peer: Peer = { connection: 'shop', system: 'Kafka', address: 'kafka-1:9092' }
const clientSecret = 'p+ss: wörd/='
const options = (tokenUrl: string, scope?: string): TokenEndpointOptions => ({
  ...{ mechanism: 'oauthbearer', tokenUrl, clientId: 'light flus', clientSecret, scope, extensions: {} },
})

type Behaviour = (request: IncomingMessage, body: string, response: ServerResponse) => void
let behave: Behaviour
const listener = (request: IncomingMessage, response: ServerResponse) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => behave(request, body, response))
}
const servers = {
  http: createServer(listener),
  https: createTlsServer({ cert: testCertificate, key: testKey }, listener),
}
const urls = { http: '', https: '' }

beforeAll(async () => {
  for (const kind of ['http', 'https'] as const) {
    await new Promise<void>((resolve) => servers[kind].listen(0, '127.0.0.1', resolve))
    urls[kind] = `${kind}://127.0.0.1:${(servers[kind].address() as AddressInfo).port}/oauth/token`
  }
})
afterAll(() => {
  for (const server of Object.values(servers)) {
    server.closeAllConnections()
    server.close()
  }
})

const answering = (status: number, body: string | object, headers: Readonly<Record<string, string>> = {}) => {
  behave = (_request, _body, response) => {
    response.writeHead(status, headers)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}
const ask = (url = urls.http, authorities: readonly string[] = []) => requestToken(peer, options(url), authorities)
const failing = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })

test('a token is asked for by client credentials, as RFC 6749 has them', async () => {
  let seen: unknown
  behave = ({ method, url, headers }, body, response) => {
    const credentials = Buffer.from(headers.authorization!.replace('Basic ', ''), 'base64').toString()
    seen = [method, url, headers['content-type'], Object.fromEntries(new URLSearchParams(body)), credentials]
    response.end(JSON.stringify({ access_token: 'abc.def-_~+/==', token_type: 'Bearer', expires_in: 3600 }))
  }
  const granted = await requestToken(peer, options(urls.http, 'kafka topics'), [])
  expect(granted).toEqual({ token: 'abc.def-_~+/==', lifetimeMs: 3_600_000 })
  expect(seen).toEqual([
    ...['POST', '/oauth/token', 'application/x-www-form-urlencoded'],
    { grant_type: 'client_credentials', scope: 'kafka topics' },
    'light+flus:p%2Bss%3A+w%C3%B6rd%2F%3D',
  ])
})

test('a token whose end nobody tells is good for minutes', async () => {
  answering(200, { access_token: 'abc' })
  expect(await ask()).toEqual({ token: 'abc', lifetimeMs: 300_000 })
})

test.each<[number, string | object, string, string]>([
  [
    401,
    { error: 'invalid_client', error_description: 'of p+ss: wörd' },
    'LF_CONNECTION_AUTH',
    "'light flus' (invalid_client, status 401)",
  ],
  [400, 'Bad Request', 'LF_CONNECTION_AUTH', '(status 400)'],
  [429, '', 'LF_CONNECTION_FAILED', 'gave no token (status 429)'],
  [503, { error: 'x'.repeat(100) }, 'LF_CONNECTION_FAILED', 'gave no token (status 503)'],
  [200, '<html>', 'LF_CONNECTION_FAILED', 'without an access token'],
  [200, '[]', 'LF_CONNECTION_FAILED', 'without an access token'],
  [200, { access_token: 'a\u0001auth=Bearer b' }, 'LF_CONNECTION_FAILED', 'without an access token'],
  [200, 'x'.repeat(70_000), 'LF_CONNECTION_FAILED', 'more than 64 KiB'],
])('an answer of status %i and %j is an error that says so', async (status, body, code, message) => {
  answering(status, body)
  const thrown: unknown = await ask().catch((error: unknown) => error)
  expect(thrown).toEqual(failing(code, message))
  expect(JSON.stringify(thrown)).not.toContain('wörd')
})

test('a redirection is not followed', async () => {
  let requests = 0
  behave = (_request, _body, response) => {
    requests++
    response.writeHead(302, { location: urls.http }).end()
  }
  await expect(ask()).rejects.toEqual(failing('LF_CONNECTION_FAILED', 'status 302'))
  expect(requests).toBe(1)
})

test('an endpoint that is not there, hangs up, or is not trusted has an error of its own', async () => {
  await expect(ask('http://127.0.0.1:1/token')).rejects.toEqual(failing('LF_CONNECTION_REFUSED', '127.0.0.1:1'))
  await expect(ask('https://no-such-host.invalid/token')).rejects.toEqual(failing('LF_CONNECTION_DNS', 'no-such-host'))
  behave = ({ socket }) => socket.destroy()
  await expect(ask()).rejects.toEqual(failing('LF_CONNECTION_FAILED', 'the token endpoint at 127.0.0.1'))
  answering(200, { access_token: 'abc', expires_in: 1 })
  await expect(ask(urls.https)).rejects.toEqual(failing('LF_CONNECTION_TLS', 'not trusted'))
  expect((await ask(urls.https, [testCertificate])).token).toBe('abc')
})

test('whatever it answers, it is a token or a typed error', async () => {
  const fields = fc.record(
    { access_token: fc.anything(), expires_in: fc.anything(), error: fc.anything() },
    { requiredKeys: [] },
  )
  const body = fc.oneof(
    fc.string(),
    fields.map((value) => JSON.stringify(value) ?? ''),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(200, 204, 304, 400, 403, 500), body, async (status, text) => {
      answering(status, status === 204 || status === 304 ? '' : text)
      const granted = await ask().catch((thrown: unknown) => thrown)
      if (isLightflusError(granted)) return expect(granted.code).toMatch(/^LF_CONNECTION_(AUTH|FAILED)$/)
      expect(granted).toEqual({
        token: expect.stringMatching(/^[\x21-\x7e]+$/) as string,
        lifetimeMs: expect.any(Number) as number,
      })
    }),
    { numRuns: 100 },
  )
})
