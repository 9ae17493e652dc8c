import type { Json } from '@lightflus/api'
import { ConnectionOptionReader, connectionOf } from './connection-options.ts'
import { clusterOptions } from './kafka/network/cluster-options.ts'
import { mysqlOptions } from './mysql/mysql-options.ts'
import { redisOptions } from './redis/redis-options.ts'
import { sinkContext } from './testing/test-context.ts'

const connection = (options: Readonly<Record<string, Json>>, kind = 'kafka') => ({ name: 'shop', kind, options })
const failing = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })

const byClient = {
  mechanism: 'oauthbearer',
  tokenUrl: 'https://idp.example/token',
  clientId: 'lightflus',
  clientSecret: 's3cret',
} as const

test('an operator needs a connection of the kind that it speaks', () => {
  expect(() => connectionOf(sinkContext({ options: {} }), 'redis')).toThrow(
    failing('LF_CONNECTION_MISSING', 'sink-1 needs a redis'),
  )
  const other = sinkContext({ options: {}, connection: connection({}, 'mysql') })
  expect(() => connectionOf(other, 'redis')).toThrow(failing('LF_CONNECTION_OPTION', "'shop' is of kind mysql"))
  expect(connectionOf(other, 'mysql').name).toBe('shop')
})

test.each<[string, Readonly<Record<string, Json>>]>([
  ["'brokers'", {}],
  ["'brokers'", { brokers: 'kafka-1:9092' }],
  ["'brokers'", { brokers: ['kafka-1'] }],
  ["'brokers'", { brokers: ['kafka-1:9092', 5] }],
  ["'tls'", { brokers: ['a:1'], tls: 'yes' }],
  ["'sasl'", { brokers: ['a:1'], sasl: 'plain' }],
  ["'sasl.mechanism'", { brokers: ['a:1'], sasl: { mechanism: 'gssapi' } }],
  ["'sasl.username'", { brokers: ['a:1'], sasl: { mechanism: 'plain', password: 's3cret' } }],
  ["'sasl.password'", { brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'ada', password: 5 } }],
  ["'sasl.tokenUrl'", { brokers: ['a:1'], sasl: { mechanism: 'oauthbearer' } }],
  ["'sasl.tokenUrl'", { brokers: ['a:1'], sasl: { ...byClient, tokenUrl: 'http://idp.example/token' } }],
  ["'sasl.tokenUrl'", { brokers: ['a:1'], sasl: { ...byClient, tokenUrl: 'https://me:s3cret@idp.example/token' } }],
  ["'sasl.tokenUrl'", { brokers: ['a:1'], sasl: { ...byClient, tokenUrl: 'idp.example/token' } }],
  ["'sasl.clientSecret'", { brokers: ['a:1'], sasl: { ...byClient, clientSecret: null } }],
  ["'sasl.scope'", { brokers: ['a:1'], sasl: { ...byClient, scope: 5 } }],
  ["'sasl.token'", { brokers: ['a:1'], sasl: { ...byClient, token: 'abc' } }],
  ["'sasl.token'", { brokers: ['a:1'], sasl: { mechanism: 'oauthbearer', token: 's3cret\u0001auth=Bearer b' } }],
  ["'sasl.extensions'", { brokers: ['a:1'], sasl: { ...byClient, extensions: { auth: 'b' } } }],
  ["'sasl.extensions'", { brokers: ['a:1'], sasl: { ...byClient, extensions: { pool: 'b\u0001auth=c' } } }],
])('of a Kafka connection %s is looked at: %j', (option, options) => {
  const refused = () => clusterOptions(connection(options))
  expect(refused).toThrow(failing('LF_CONNECTION_OPTION', option))
  expect(refused).toThrow(expect.objectContaining({ message: expect.not.stringContaining('s3cret') as string }))
})

test('a Kafka connection may sign in by a token, or by those of an endpoint', () => {
  const signIn = (sasl: Json) => clusterOptions(connection({ brokers: ['a:1'], sasl })).sasl
  const extensions = { logicalCluster: 'lkc-1' }
  expect(signIn({ mechanism: 'oauthbearer', token: 'abc' })).toEqual({
    ...{ mechanism: 'oauthbearer', token: 'abc', extensions: {} },
  })
  expect(signIn({ ...byClient, scope: 'kafka', extensions })).toEqual({ ...byClient, scope: 'kafka', extensions })
  // On this machine nobody can listen in.
  const tokenUrl = 'http://localhost:8080/token'
  expect(signIn({ ...byClient, tokenUrl })).toEqual({ ...byClient, tokenUrl, scope: undefined, extensions: {} })
})

test('a Kafka connection may name several brokers, also by their IPv6 address', () => {
  const sasl = { mechanism: 'scram-sha-256', username: 'ada', password: 's3cret' }
  expect(clusterOptions(connection({ brokers: ['kafka-1:9092', '[::1]:9093'], tls: true, sasl }))).toEqual({
    connection: 'shop',
    seeds: [
      { host: 'kafka-1', port: 9092 },
      { host: '::1', port: 9093 },
    ],
    tls: {},
    sasl,
  })
})

test('connections of MySQL and Redis have the servers’ usual ports', () => {
  const mysql = { host: 'db', user: 'ada', database: 'shop' }
  expect(mysqlOptions(connection(mysql))).toEqual({ ...mysql, port: 3306, password: '', tls: undefined })
  expect(redisOptions(connection({ host: 'cache', tls: { ca: 'PEM' } }))).toEqual({
    ...{ host: 'cache', port: 6379, database: 0, tls: { ca: 'PEM' } },
    ...{ username: undefined, password: undefined },
  })
})

test('what is refused is named and never shown', () => {
  const read = new ConnectionOptionReader(connection({ password: ['s3cret'], port: 1.5 }))
  expect(() => read.optionalText('password')).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('s3cret') as string }),
  )
  expect(() => read.whole('port', 1, 10)).toThrow(
    failing('LF_CONNECTION_OPTION', "'port' must be a whole number from 0 to 10"),
  )
  expect(() => read.text('host')).toThrow(failing('LF_CONNECTION_OPTION', "'host' is missing"))
})
