import { connectError, lostError, messageOf, networkTrouble, type Peer } from './connection-errors.ts'

const peer: Peer = { connection: 'shop', system: 'Kafka', address: 'kafka-1:9092' }
const withCode = (code: string, message = 'failed') => Object.assign(new Error(message), { code })

test.each([
  ['ENOTFOUND', 'LF_CONNECTION_DNS', "the host name 'kafka-1' is not known"],
  ['EAI_AGAIN', 'LF_CONNECTION_DNS', "the host name 'kafka-1' is not known"],
  ['ECONNREFUSED', 'LF_CONNECTION_REFUSED', 'nothing accepts connections at kafka-1:9092'],
  ['ETIMEDOUT', 'LF_CONNECTION_TIMEOUT', 'kafka-1:9092 does not answer'],
  ['EHOSTUNREACH', 'LF_CONNECTION_TIMEOUT', 'kafka-1:9092 does not answer (EHOSTUNREACH)'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'LF_CONNECTION_TLS', 'not trusted (self-signed)'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'LF_CONNECTION_TLS', 'not trusted (issuer unknown)'],
  ['CERT_HAS_EXPIRED', 'LF_CONNECTION_TLS', 'has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'LF_CONNECTION_TLS', 'for another host name'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'LF_CONNECTION_TLS', 'does not speak TLS'],
  ['HANDSHAKE_NO_SSL_SUPPORT', 'LF_CONNECTION_TLS', 'failed'],
  ['ECONNRESET', 'LF_CONNECTION_FAILED', 'closed the connection'],
])('%s while connecting is %s', (code, expected, message) => {
  expect(connectError(withCode(code), peer)).toEqual(
    expect.objectContaining({
      code: expected,
      message: expect.stringContaining(message) as string,
      details: { connection: 'shop' },
    }),
  )
})

test('what is none of the network’s is left to others', () => {
  expect(connectError(withCode('ER_NO_SUCH_TABLE'), peer)).toBeUndefined()
  expect(connectError(new Error('no'), peer)).toBeUndefined()
  expect(connectError(undefined, peer)).toBeUndefined()
})

test('trouble is found in causes and in the several errors of one try, also in a circle', () => {
  expect(networkTrouble(new Error('outer', { cause: withCode('ECONNREFUSED') }))?.trouble).toBe('refused')
  expect(networkTrouble(new AggregateError([withCode('X'), withCode('ENOTFOUND')]))?.trouble).toBe('dns')
  const circle = new Error('circle')
  circle.cause = circle
  expect(networkTrouble(circle)).toBeUndefined()
})

test('a lost server is told with its time and the reason', () => {
  expect(lostError(peer, 30_400, withCode('ECONNREFUSED')).message).toBe(
    'Connection shop: Kafka at kafka-1:9092 has not answered for 30 s (connection refused)',
  )
  expect(lostError(peer, 30_000, new Error('odd\nsecond line')).message).toContain('(odd)')
  expect(messageOf('text')).toBe('text')
})
