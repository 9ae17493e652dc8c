import { LightflusError } from '@lightflus/api'
import type { Peer } from '../../connection-errors.ts'
import { AccessTokens } from './access-tokens.ts'
import type { OAuthOptions } from './cluster-options.ts'

const peer: Peer = { connection: 'shop', system: 'Kafka', address: 'kafka-1:9092' }
const endpoint: OAuthOptions = {
  mechanism: 'oauthbearer',
  tokenUrl: 'https://idp.example/token',
  clientId: 'lightflus',
  clientSecret: 's3cret',
  scope: undefined,
  extensions: {},
}

let now = 0
let asked = 0
let failure: Error | undefined
const tokens = (options: OAuthOptions = endpoint) =>
  new AccessTokens(peer, options, [], {
    now: () => now,
    request: () => {
      asked++
      return failure ? Promise.reject(failure) : Promise.resolve({ token: `token-${asked}`, lifetimeMs: 100_000 })
    },
  })

beforeEach(() => {
  ;[now, asked, failure] = [1_000, 0, undefined]
})

test('a token that is stated is that one always', async () => {
  const stated = tokens({ mechanism: 'oauthbearer', token: 'abc', extensions: {} })
  expect([await stated.current(), await stated.current(), asked]).toEqual(['abc', 'abc', 0])
})

test('a token is asked for once, and again before it ends', async () => {
  const held = tokens()
  expect(await Promise.all([held.current(), held.current()])).toEqual(['token-1', 'token-1'])
  now += 79_000
  expect(await held.current()).toBe('token-1')
  now += 2_000
  expect([await held.current(), asked]).toEqual(['token-2', 2])
})

test('while the endpoint is away the token is used for as long as it is good', async () => {
  const held = tokens()
  await held.current()
  failure = new LightflusError('LF_CONNECTION_REFUSED', 'nothing listens')
  now += 90_000
  expect(await held.current()).toBe('token-1')
  now += 11_000
  await expect(held.current()).rejects.toBe(failure)
  failure = undefined
  expect(await held.current()).toBe('token-4')
})

test('a client that is refused has no token, even where an old one is good', async () => {
  const held = tokens()
  await held.current()
  failure = new LightflusError('LF_CONNECTION_AUTH', 'invalid_client')
  now += 90_000
  await expect(held.current()).rejects.toBe(failure)
})

test('a token that a broker did not take is not used again', async () => {
  const held = tokens()
  await held.current()
  held.forget()
  expect(await held.current()).toBe('token-2')
})
